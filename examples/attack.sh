#!/usr/bin/env bash
# Publishes the demo's and area-a's releases for the public and attacks all that they show: by exact
# elimination, by linear programming where a component is small enough, and by holding each proof that a
# hidden number cannot be told against the relations.
set -euo pipefail
program=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
shared=${SHARED:-$here/../../shared}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

attack() { # workspace
	TRIBUTARY_TODAY=2026-04-10 "$program" -C "$1" release publish public --why "to be attacked" >/dev/null
	(cd "$here/.." && go test ./pipelines/release/disclose -count=1 -timeout 30m -v -run '^TestAttack_kept$' \
		-attack-kept "$1/kept/releases/public-2025-26Q4-1") | grep -E '^(attack on|---|FAIL| +[a-z_]+\.go)'
}

"$program" demo "$work/demo" >/dev/null
attack "$work/demo/workspace"
if [ -d "$shared/area-a" ]; then
	mkdir -p "$work/area-a/agencies"
	cp "$here"/area-a/agencies/*.yaml "$work/area-a/agencies/"
	sed "s#^drop:.*#drop: $(realpath "$shared")/area-a/deliveries#" "$here/area-a/tributary.yaml" >"$work/area-a/tributary.yaml"
	TRIBUTARY_TODAY=2026-04-10 "$program" -C "$work/area-a" run --quarter 2025-26Q4 >/dev/null
	attack "$work/area-a"
else
	echo "attack: area-a left out: there is no $shared/area-a"
	[ "${CI:-}" != true ]
fi
