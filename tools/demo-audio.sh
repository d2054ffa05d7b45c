#!/usr/bin/env bash
# Makes the demo's calls again: for each connectors/simhost/calls/NAME.txt an MP3 and a NAME.json
# that says, to the millisecond, who speaks when. Call it through `make demo-audio`, or with names.
#
# The voices are Debian's flite and espeak-ng; sox cuts, lame and opusenc encode. The same versions of
# them (each NAME.json lists them) give the same bytes.
#
# A script is one line a turn, fields parted by |:
#   # why the call is worth hearing
#   set|title,language,channels|value     one channel, or two: agents left, customers right
#   set|rate|22050                         samples a second of the MP3 (16000 where it is not set)
#   set|redact|N                           NAME-redacted.mp3 is made as well: turn N is silent in it
#   voice|LETTER|flite or espeak-ng|voice and options|role|name
#   LETTER|text                            a turn; it begins a breath after the one before
#   LETTER<0.8|text                        … or 0.8 s before the other has finished
#   S|seconds                              nobody speaks
#   H|seconds                              on hold, with music
#   P|seconds                              the agent pauses the recording: nothing of it is heard
set -euo pipefail
export LC_ALL=C.UTF-8
export SOX_OPTS='-R -D' # nothing random: no dither, and the same seed for the hold music's strings

rate=16000        # samples a second, until the MP3 is made; flite speaks at this rate
breath=0.38       # between two turns, in seconds
ahead=1105        # what lame and a decoder put before the sound, where no tag says so: these files are too small for one
opus_too=transfer # one call in a second format, as telephony partners deliver it

here=$(cd "$(dirname "$0")/.." && pwd)
calls=$here/connectors/simhost/calls
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

install_tools() {
	local need=("flite flite" "espeak-ng espeak-ng" "sox sox" "lame lame" "opusenc opus-tools") packages=() n program package as_root=()
	for n in "${need[@]}"; do
		read -r program package <<<"$n"
		command -v "$program" >/dev/null 2>&1 || packages+=("$package")
	done
	[ ${#packages[@]} -gt 0 ] || return 0
	echo "Debian packages to install: ${packages[*]}"
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null 2>&1 || {
			echo "They need root: run  apt-get install ${packages[*]}  as root, then this again." >&2
			exit 1
		}
		as_root=(sudo)
	fi
	command -v apt-get >/dev/null 2>&1 || {
		echo "This is no Debian: install what gives ${packages[*]} by your system's own means, then run this again." >&2
		exit 1
	}
	"${as_root[@]}" apt-get update -qq
	DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
}

version() { dpkg-query -W -f='${Version}' "$1" 2>/dev/null || echo unknown; }

# Sound is kept as raw 16-bit samples, so that every length is a plain count of bytes.
raw=(-t raw -r "$rate" -e signed -b 16 -c 1)
samples() { awk -v s="$1" -v r="$rate" 'BEGIN { printf "%d", s * r + 0.5 }'; }
seconds() { awk -v n="$1" -v r="$rate" 'BEGIN { printf "%.3f", n / r }'; }
length() { echo $(($(stat -c %s "$1") / 2)); }

# fill SAMPLES FILE: silence at the end of FILE until it is so long.
fill() {
	local have
	have=$(length "$2")
	[ "$1" -le "$have" ] || head -c $((2 * ($1 - have))) /dev/zero >>"$2"
}

# speak ENGINE VOICE TEXT OUT: one turn as through a telephone, without silence around it.
speak() {
	case $1 in
	flite) flite -voice "$2" -t "$3" -o "$work/said.wav" ;;
	# shellcheck disable=SC2086 # options are words
	espeak-ng) espeak-ng -v $2 -w "$work/said.wav" -- "$3" ;;
	*) echo "no engine called $1" >&2 && exit 1 ;;
	esac
	sox "$work/said.wav" "${raw[@]}" "$work/bare.raw" gain -3 highpass 200 lowpass 3600 rate "$rate" \
		silence 1 0.01 0.3% reverse silence 1 0.01 0.3% reverse
	sox "${raw[@]}" "$work/bare.raw" "${raw[@]}" "$4" gain -n -5 fade t 0.005 -0 0.01
}

# music SAMPLES OUT: the hold music, four bars over and over, softly.
music() {
	local note
	if [ ! -f "$work/bars.raw" ]; then
		for note in C4 E4 G4 E4 A3 C4 E4 C4 F3 A3 C4 A3 G3 B3 D4 B3; do
			sox -n "${raw[@]}" "$work/note.raw" synth 0.45 pluck "$note" fade t 0.005 -0 0.05 gain -n -22
			cat "$work/note.raw" >>"$work/bars.raw"
		done
	fi
	: >"$2"
	while [ "$(length "$2")" -lt "$1" ]; do cat "$work/bars.raw" >>"$2"; done
	truncate -s $((2 * $1)) "$2"
}

# place START FILE CHANNEL: FILE into the channel from START on; what is there already stays audible.
place() {
	local start=$1 file=$2 to=$3 end
	fill "$start" "$to"
	end=$(length "$to")
	if [ "$end" -eq "$start" ]; then
		cat "$file" >>"$to"
		return
	fi
	head -c $((2 * start)) /dev/zero >"$work/shifted.raw"
	cat "$file" >>"$work/shifted.raw"
	sox -m -v 1 "${raw[@]}" "$to" -v 1 "${raw[@]}" "$work/shifted.raw" "${raw[@]}" "$work/mixed.raw"
	mv "$work/mixed.raw" "$to"
}

# quoted TEXT: a JSON string.
quoted() {
	case $1 in *[\"\\]*) echo "no quotation marks or backslashes in scripts: $1" >&2 && exit 1 ;; esac
	printf '"%s"' "$1"
}

make_call() {
	local name=$1 head fields more start end at=0 before=0 channels=1 title='' language='' turn mp3_rate=$rate redact=0
	local -a redacted=()
	local agent=$work/agent.raw customer=$work/customer.raw
	local -A engine=() voice=() role=()
	local speakers=() turns=() holds=() pauses=()
	: >"$agent" && : >"$customer"
	while IFS='|' read -r head fields; do
		case $head in
		'' | '#'*) continue ;;
		set)
			case ${fields%%|*} in
			title) title=${fields#*|} ;;
			language) language=${fields#*|} ;;
			channels) channels=${fields#*|} ;;
			rate) mp3_rate=${fields#*|} ;;
			redact) redact=${fields#*|} ;;
			esac
			;;
		voice)
			IFS='|' read -r head engine_name voice_name role_name who <<<"$fields"
			engine[$head]=$engine_name voice[$head]=$voice_name role[$head]=$role_name
			speakers+=("{\"id\": \"$head\", \"role\": \"$role_name\", \"name\": $(quoted "$who")}")
			;;
		S) at=$((at + $(samples "$fields"))) ;;
		P) pauses+=("{\"at\": $(seconds "$at"), \"seconds\": $fields}") ;;
		H)
			at=$((at + $(samples 0.3)))
			music "$(samples "$fields")" "$work/hold.raw"
			place "$at" "$work/hold.raw" "$agent"
			end=$((at + $(length "$work/hold.raw")))
			holds+=("{\"from\": $(seconds "$at"), \"to\": $(seconds "$end")}")
			at=$((end + $(samples 0.4))) before=$end
			;;
		*)
			more=${head#?} head=${head%"$more"} turn=$work/turn.raw
			speak "${engine[$head]}" "${voice[$head]}" "$fields" "$turn"
			if [ -n "$more" ]; then start=$((before - $(samples "${more#<}"))); else start=$at; fi
			end=$((start + $(length "$turn")))
			if [ "${role[$head]}" = agent ]; then place "$start" "$turn" "$agent"; else place "$start" "$turn" "$customer"; fi
			turns+=("{\"speaker\": \"$head\", \"from\": $(seconds "$start"), \"to\": $(seconds "$end"), \"text\": $(quoted "$fields")}")
			[ "${#turns[@]}" -ne "$redact" ] || redacted=("$start" "$end")
			[ "$end" -gt "$before" ] && before=$end
			at=$((before + $(samples "$breath")))
			;;
		esac
	done <"$calls/$name.txt"
	fill "$at" "$agent" && fill "$at" "$customer"
	encode "$name" "$channels" "$agent" "$customer"
	if [ ${#redacted[@]} -gt 0 ]; then
		silence "${redacted[@]}" "$agent" && silence "${redacted[@]}" "$customer"
		encode "$name-redacted" "$channels" "$agent" "$customer"
	fi
	write_times >"$calls/$name.json"
	echo "$name: $(seconds "$at") s, ${#turns[@]} turns"
}

# silence FROM TO FILE: nothing is heard of FILE between two samples.
silence() { dd if=/dev/zero of="$3" bs=2 seek="$1" count=$(($2 - $1)) conv=notrunc status=none; }

# encode NAME CHANNELS AGENT CUSTOMER: the MP3 starts so much earlier that it is heard when the times say.
encode() {
	local mode=m
	if [ "$2" = 2 ]; then
		mode=s
		sox -M "${raw[@]}" "$3" "${raw[@]}" "$4" "$work/call.wav"
	else
		sox -m -v 1 "${raw[@]}" "$3" -v 1 "${raw[@]}" "$4" "$work/call.wav"
	fi
	sox "$work/call.wav" "$work/early.wav" trim "$((ahead * rate / mp3_rate))s"
	lame --quiet -m "$mode" -b 32 --resample "$(awk -v r="$mp3_rate" 'BEGIN { print r / 1000 }')" "$work/early.wav" "$calls/$1.mp3"
	if [ "$1" = "$opus_too" ]; then
		opusenc --quiet --serial 1 --discard-comments --bitrate 24 "$work/call.wav" "$calls/$1.opus"
	fi
}

# list NAME ITEM…: a JSON list, one item a line.
list() {
	local name=$1 i
	shift
	printf '  "%s": [' "$name"
	for ((i = 1; i <= $#; i++)); do
		printf '\n    %s%s' "${!i}" "$([ $i -lt $# ] && echo ,)"
	done
	[ $# -eq 0 ] || printf '\n  '
	printf ']'
}

# write_times prints what make_call has gathered (bash's variables are those of the caller).
write_times() {
	printf '{\n  "title": %s,\n  "language": "%s",\n  "seconds": %s,\n  "rate": %s,\n  "channels": %s,\n' \
		"$(quoted "$title")" "$language" "$(seconds "$at")" "$mp3_rate" "$channels"
	list speakers "${speakers[@]}" && printf ',\n'
	list utterances "${turns[@]}" && printf ',\n'
	list holds "${holds[@]}" && printf ',\n'
	list pauses "${pauses[@]}" && printf ',\n'
	list made_with "\"flite $(version flite)\"" "\"espeak-ng $(version espeak-ng)\"" "\"sox $(version sox)\"" \
		"\"lame $(version lame)\"" "\"opus-tools $(version opus-tools)\"" && printf '\n}\n'
}

install_tools
if [ $# -eq 0 ]; then
	for f in "$calls"/*.txt; do set -- "$@" "$(basename "$f" .txt)"; done
fi
for name in "$@"; do make_call "$name"; done
