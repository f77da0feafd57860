#!/bin/bash
# Bookworm's first boot: what Raspberry Pi Imager had asked for, then ours; then the kernel's command line is as before.
BOOT="${KAIMEN_BOOT:-/boot/firmware}"
[ -f "$BOOT/kaimen/firstrun-before.sh" ] && bash "$BOOT/kaimen/firstrun-before.sh"
bash "$BOOT/kaimen/first-boot.sh"
sed -i 's| systemd\.run.*||' "$BOOT/cmdline.txt"
rm -f "$BOOT/firstrun.sh" "$BOOT/kaimen/firstrun-before.sh"
exit 0
