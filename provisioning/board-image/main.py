# Written last, when every other file has been verified: without it a board starts to its prompt and the door stays
# locked. A door that fell over comes back by itself; Ctrl-C leaves it at the prompt for the installer.
import sys
import time

import machine

from gateboard.main import main

try:
    main()
except Exception as wrong:
    sys.print_exception(wrong)
    time.sleep(2)
    machine.reset()
