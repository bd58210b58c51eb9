#!/usr/bin/env bash
# Runs the demo and area-a twice, in two folders, with another time zone, locale, number of threads and
# umask, and compares all that people open, byte for byte.
set -euo pipefail
program=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
shared=${SHARED:-$here/../../shared}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

year() { # folder threads
	"$program" demo "$1/demo" --threads "$2" >/dev/null
	if [ -d "$shared/area-a" ]; then
		mkdir -p "$1/area-a/agencies"
		cp "$here"/area-a/agencies/*.yaml "$1/area-a/agencies/"
		sed "s#^drop:.*#drop: $(realpath "$shared")/area-a/deliveries#" "$here/area-a/tributary.yaml" >"$1/area-a/tributary.yaml"
		TRIBUTARY_TODAY=2026-04-10 "$program" -C "$1/area-a" --threads "$2" run --quarter 2025-26Q4 >/dev/null
	fi
	(cd "$1" && find demo/drop demo/truth.json demo/workspace/out area-a/out -type f 2>/dev/null | LC_ALL=C sort | xargs -d '\n' sha256sum) >"$1.sums"
}

mkdir "$work/one" "$work/another folder"
(umask 022 && export TZ=America/Toronto LC_ALL=C && year "$work/one" 1) &
one=$!
(umask 077 && export TZ=Asia/Kathmandu LC_ALL=fr_CA.UTF-8 && year "$work/another folder" 2)
wait "$one" # side by side: a run of one thread leaves the other processor idle
diff "$work/one.sums" "$work/another folder.sums"
[ -d "$shared/area-a" ] || { echo "twice: area-a left out: there is no $shared/area-a"; [ "${CI:-}" != true ]; }
echo "twice: $(wc -l <"$work/one.sums") files, equal bytes"
