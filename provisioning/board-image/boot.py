# Stock firmware mounts all of the flash as its file system and formats what it cannot mount. So that outer file
# system stays for ever as it is: two blocks with this file alone, small enough to lie in its directory (512 bytes).
# Behind it lie the program's own file system and the raw area of log, keys and state.
import rp2
import vfs

FILES = 0
vfs.umount("/")
vfs.mount(vfs.VfsLfs2(rp2.Flash(start=8192, len=FILES), progsize=256), "/")
