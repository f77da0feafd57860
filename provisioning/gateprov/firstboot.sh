#!/bin/bash
# Makes this Raspberry Pi the unit its card was prepared for. Runs once, as root, on the first boot; running it again
# changes nothing. KAIMEN_BOOT and KAIMEN_ROOT name other places than the real ones (the tests do).
set -euo pipefail

BOOT="${KAIMEN_BOOT:-/boot/firmware}"
ROOT="${KAIMEN_ROOT:-}"
FROM="$BOOT/kaimen"
HOME_DIR="$ROOT/var/lib/kaimen"
PROGRAM="$ROOT/opt/kaimen"

problem() {
  echo "$1" >"$FROM/PROBLEM.txt"
  echo "kaimen: $1" >&2
  exit 1
}

# Whatever else stops this is said on the card, too: nobody sees this machine's screen.
stopped() {
  local status=$? at="$BASH_COMMAND"
  [ "$status" = 0 ] || [ -f "$FROM/PROBLEM.txt" ] || problem "the first boot stopped at: $at (status $status); see that \
the system is whole and has room, prepare the card again and switch on once more"
}
trap stopped EXIT

# Overwritten before it is removed, so that a card from the bin tells nothing.
wipe() {
  [ -f "$1" ] || return 0
  dd if=/dev/zero of="$1" bs="$(stat -c %s "$1")" count=1 conv=notrunc,fsync status=none
  rm -f "$1"
}

choose_board() {
  local model
  model="$(tr -d '\0' <"$ROOT/proc/device-tree/model")"
  if [ -f "$FROM/boards/chosen.toml" ]; then echo chosen; return; fi
  case "$model" in
    "Raspberry Pi 5"*) echo raspberry-pi-5 ;;
    "Raspberry Pi 4"*) echo raspberry-pi-4 ;;
    "Raspberry Pi Zero 2"*) echo zero-2w ;;
    *) problem "there are no pins for a $model: prepare the card again with --board FILE.toml" ;;
  esac
}

install_program() {
  [ -x "$PROGRAM/bin/kaimen" ] && return 0
  [ -d "$FROM/software" ] || problem "there is no program in $PROGRAM: prepare the card again with --software FOLDER"
  python3 -m venv --system-site-packages "$PROGRAM" \
    || problem "python3 -m venv does not work: the image lacks python3-venv, write Raspberry Pi OS Lite onto the card"
  "$PROGRAM/bin/pip" install --quiet --no-index --find-links "$FROM/software" 'kaimen[unit]' \
    || problem "the program could not be installed: see the wheels in kaimen/software, they must fit this Python"
}

# What was given before is not given again: what somebody changed on the unit since then stays.
give() {
  if [ -f "$2" ] && cmp -s "$1" "$2.given"; then return 0; fi
  install -m 600 "$1" "$2"
  install -m 600 "$1" "$2.given"
}

check_camera() {
  grep -q '^camera = "picamera2"' "$FROM/unit.toml" || return 0
  python3 -c 'import picamera2' \
    || problem "this image has no python3-picamera2: use one that has, or prepare the card again with --camera none"
}

install_settings() {
  local board
  board="$(choose_board)"
  id -u kaimen >/dev/null 2>&1 \
    || useradd --system --home-dir /var/lib/kaimen --shell /usr/sbin/nologin --groups gpio,i2c,video kaimen
  install -d -m 700 "$HOME_DIR"
  give "$FROM/unit.toml" "$HOME_DIR/unit.toml"
  give "$FROM/boards/$board.toml" "$HOME_DIR/board.toml"
}

# The copy is on the disk before the card's is gone: a power cut between the two loses nothing.
take_claim() {
  [ -f "$FROM/claim" ] || return 0
  install -m 600 "$FROM/claim" "$HOME_DIR/claim"
  sync "$HOME_DIR/claim" "$HOME_DIR"
  wipe "$FROM/claim"
}

# The radio starts blocked on both systems, and stays so until the country has been said.
join_wifi() {
  [ -f "$FROM/wifi-country" ] || return 0
  raspi-config nonint do_wifi_country "$(cat "$FROM/wifi-country")" || true
  [ -f "$FROM/wifi.nmconnection" ] || return 0
  install -d -m 755 "$ROOT/etc/NetworkManager/system-connections"
  install -m 600 "$FROM/wifi.nmconnection" "$ROOT/etc/NetworkManager/system-connections/kaimen.nmconnection"
  wipe "$FROM/wifi.nmconnection"
}

start_unit() {
  install -D -m 644 "$FROM/kaimen-unit.service" "$ROOT/etc/systemd/system/kaimen-unit.service"
  systemctl daemon-reload
  systemctl enable kaimen-unit.service
  if [ "${1:-}" = now ]; then systemctl start --no-block kaimen-unit.service; fi
}

rm -f "$FROM/PROBLEM.txt" "$FROM/DONE.txt"
check_camera
install_program
install_settings
join_wifi
take_claim
chown -R kaimen: "$HOME_DIR"
start_unit "${1:-}"
echo "done" >"$FROM/DONE.txt"
