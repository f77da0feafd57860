# For who builds a firmware of his own: make BOARD=RPI_PICO_W FROZEN_MANIFEST=.../board-image/manifest.py
# Frozen modules need less memory; settings.json and main.py stay as `kaimen provision` writes them.
include("$(PORT_DIR)/boards/manifest.py")
package("gatecore", base_path="$(MPY_DIR)/../kaimen/firmware", opt=2)
package("gateboard", base_path="$(MPY_DIR)/../kaimen/firmware", opt=2)
