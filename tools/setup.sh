#!/usr/bin/env bash
# Installs the Debian packages that the tests need, and says so. Nothing is installed that is there.
# `tools/setup.sh bench` does so for make bench, `tools/setup.sh clients` for make test-clients.
set -euo pipefail

# What for: program that shows it is there, Debian package.
case "${1:-tests}" in
tests)
	need=(
		"chromium chromium"         # the browser tests
		"curl curl"                 # which takes parts of recordings, too
		"redis-server redis-server" # the cache suite runs on a real one
		"nginx nginx-light"         # replicas run behind it
		"haproxy haproxy"           # and behind it
		"promtool prometheus"       # the alert rules are tested with it
		"gcc gcc"                   # go test -race
	)
	;;
bench) need=("nginx nginx-light" "haproxy haproxy" "caddy caddy" "ss iproute2") ;;
clients)
	# pulseaudio: Firefox plays nothing without an output, so it gets one with nothing behind it.
	need=("curl curl" "wget wget" "aria2c aria2" "ffmpeg ffmpeg" "mpv mpv" "chromium chromium"
		"firefox-esr firefox-esr" "pulseaudio pulseaudio")
	;;
*)
	echo "setup.sh: want tests, bench or clients, got $1" >&2
	exit 1
	;;
esac
packages=()
for n in "${need[@]}"; do
	read -r program package <<<"$n"
	PATH=$PATH:/usr/sbin command -v "$program" >/dev/null 2>&1 || packages+=("$package")
done
if [ "${1:-tests}" = tests ]; then
	# PostgreSQL's programs are not on the PATH: Debian keeps those of each version apart. The tests
	# start servers of their own.
	compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || packages+=("postgresql")
	# Fonts for the conversations that are not in Latin script: without them screenshots show boxes.
	for font in fonts-noto-core fonts-noto-cjk; do
		dpkg-query -W -f='${Status}' "$font" 2>/dev/null | grep -q 'ok installed' || packages+=("$font")
	done
fi
if [ ${#packages[@]} -eq 0 ]; then
	echo "Debian packages: all there"
	exit 0
fi
echo "Debian packages to install: ${packages[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null 2>&1 || {
		echo "They need root: run  apt-get install ${packages[*]}  as root, then this again." >&2
		exit 1
	}
	as_root=(sudo)
fi
command -v apt-get >/dev/null 2>&1 || {
	echo "This is no Debian: install what gives $(printf '%s ' "${packages[@]}")by your system's own means, then run this again." >&2
	exit 1
}
export DEBIAN_FRONTEND=noninteractive
export RUNLEVEL=1 # no service is started: the tests start servers of their own
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
echo "installed"
