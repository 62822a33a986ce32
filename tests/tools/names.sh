#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# pinredir run: other names of what is denied; what is judged is what runs
# Tests are called by their names, and each works in a subshell.
# shellcheck disable=SC2317,SC2030,SC2031,SC2016
# shellcheck source-path=SCRIPTDIR source=suite.bash
. "$(dirname "$0")/suite.bash"

# A directory with what is denied, d/secret, and what is not, d/open
files() {
	mkdir -p d/sub
	echo secret >d/secret
	echo open >d/open
	echo sub >d/sub/file
}

# says TEXT COMMAND...: what it prints. Processes that it leaves behind are not waited for.
says() {
	local want=$1
	shift
	timeout --foreground -k 5 "$LIMIT" "$@" >says.out 2>says.err || :
	[ "$(cat says.out)" = "$want" ] || {
		echo "it says $(cat says.out), not $want: $*"
		cat says.err
		return 1
	}
}

# attack COMMAND...: gets at the secret, but not under the policy
attack() {
	says secret "$@"
	says EACCES "$pinredir" run --deny "$PWD/d/secret" "$@"
}

# The same in mounts, or with a root, of its own, which the next attack has not
attack_alone() {
	attack unshare -m --propagation private "$@"
	attack unshare -Urm "$@"
}

test_openat2_resolves_as_it_says() {
	local names=$programs/names run=("$pinredir" run --deny "$PWD/d/secret")
	files
	attack "$names" openat2 "$PWD/d" /secret in_root
	attack "$names" openat2 "$PWD/d" sub/../secret in_root
	attack "$names" openat2 "$PWD/d" /../secret in_root
	attack "$names" openat2 "$PWD/d" ../../secret in_root
	attack "$names" openat2 "$PWD/d" secret beneath
	attack "$names" openat2 "$PWD" d/sub/../secret beneath
	attack "$names" openat2 / "$PWD/d/secret" in_root
	# Another file of that name
	mkdir -p "other/$PWD/d"
	echo other >"other/$PWD/d/secret"
	says other "${run[@]}" "$names" openat2 "$PWD/other" "$PWD/d/secret" \
		in_root
	# As without the policy
	says EXDEV "$names" openat2 "$PWD/d" /open beneath
	says EXDEV "${run[@]}" "$names" openat2 "$PWD/d" /open beneath
	says EXDEV "${run[@]}" "$names" openat2 "$PWD/d" ../d/open beneath
	for resolve in beneath in_root no_xdev no_symlinks none; do
		says open "${run[@]}" "$names" openat2 d open $resolve
		says open "${run[@]}" --absolute "$names" openat2 d open \
			$resolve
	done
	says EACCES "${run[@]}" --absolute "$names" openat2 d secret beneath
	# What is rewritten is not below the directory.
	says EXDEV "$pinredir" run --rewrite "$PWD/d/open=/etc/hostname" \
		"$names" openat2 d open in_root
}

test_directories_above_are_not_renamed() {
	local names=$programs/names run=(run --deny "$PWD/top/d/secret")
	mkdir -p top other
	(cd top && files)
	cat >rename.sh <<-'EOT'
	mv top/d top/e || exit 3
	cat top/e/secret && mv top/e top/d
	EOT
	status 0 sh rename.sh
	status 3 "${run[@]}" sh rename.sh
	status 1 "${run[@]}" mv top new
	status 1 "${run[@]}" sh -c 'cd top && mv d e'
	status 1 "${run[@]}" sh -c 'cd top/d && mv ../d ../e'
	[ -e top/d/secret ]
	# Both sides
	mkdir empty
	says EACCES "$pinredir" "${run[@]}" "$names" exchange top/d empty \
		empty/secret
	says EACCES "$pinredir" "${run[@]}" "$names" exchange empty top/d \
		empty/secret
	says secret "$names" exchange empty top/d empty/secret
	says secret "$names" exchange empty top/d top/d/secret
	# What is above a path that is rewritten
	status 1 run --rewrite "$PWD/top/d/open=/etc/hostname" mv top new
	# By another name of it
	mkdir mnt
	status 1 unshare -m sh -c 'mount --bind top mnt &&
		exec "$@" mv mnt/d mnt/e' sh "$pinredir" "${run[@]}"
	# All else is.
	status 0 "${run[@]}" mv top/d/sub top/d/bus
	status 0 "${run[@]}" mv other another
	status 0 run --allow / mv top new
	[ -e new/d/secret ]
}

test_mounts_are_seen_through() {
	local names=$programs/names
	files
	mkdir mnt
	attack_alone "$names" bind "$PWD/d" "$PWD/mnt" "$PWD/mnt/secret"
	attack_alone "$names" bind / mnt "mnt/$PWD/d/secret"
	attack_alone "$names" attach d mnt mnt/secret
	attack_alone sh -c 'mount --bind d mnt && cd mnt && cat secret ||
		echo EACCES'
	attack_alone sh -c 'mount --bind d mnt && mount --bind mnt d/sub &&
		cat d/sub/secret || echo EACCES'
	attack_alone sh -c 'mount --bind d mnt && mount --move mnt d/sub &&
		cat d/sub/secret || echo EACCES'
	# What is mounted nowhere has no name that could be judged.
	attack_alone "$names" tree d secret
	# Up, and onto what is mounted there by now
	attack_alone sh -c 'mkdir -p x/y && cd x/y && mount --bind "$1/d" ../ &&
		cat ../secret || echo EACCES' sh "$PWD"
	# What is not denied
	says open unshare -m "$pinredir" run --deny "$PWD/d/secret" \
		"$names" bind d mnt mnt/open
	# A second mount that was there before
	says secret unshare -m sh -c 'mount --bind d mnt && cat mnt/secret'
	says '' unshare -m sh -c 'mount --bind d mnt &&
		"$2" run --deny "$1/d/secret" cat mnt/secret' sh "$PWD" \
		"$pinredir"
	# A mount of all, which is denied as a whole, denies none of it elsewhere.
	says open unshare -m sh -c 'mount --bind / mnt &&
		"$2" run --deny "$1/mnt" cat d/open' sh "$PWD" "$pinredir"
	# Nor can it be put where something is allowed.
	mkdir allowed
	says EACCES unshare -m "$pinredir" run --allow / --deny "$PWD/d" \
		--allow "$PWD/allowed" "$names" bind "$PWD" "$PWD/allowed" \
		"$PWD/allowed/d/secret"
}

test_layers_are_denied() {
	local names=$programs/names
	files
	mkdir mnt upper work lower
	cat >overlay.sh <<-'EOT'
	mount -t overlay -o "$1" none "$PWD/mnt" 2>/dev/null || exit 1
	cat "mnt/$2"
	EOT
	for options in lowerdir="$PWD/lower:$PWD/d" lowerdir=lower:d \
			lowerdir="lower:${PWD//t/\\t}/d" ro,lowerdir=d:lower \
			"lowerdir=lower,upperdir=$PWD/d,workdir=$PWD/work"; do
		says secret unshare -m sh overlay.sh "$options" secret
		says '' unshare -m "$pinredir" run -q --deny "$PWD/d/secret" \
			sh overlay.sh "$options" secret
	done
	echo lower >lower/file
	says lower unshare -m "$pinredir" run -q --deny "$PWD/d/secret" \
		sh overlay.sh "lowerdir=$PWD/lower:$PWD/upper" file
	says ENOSYS "$pinredir" run --deny /never "$names" make overlay
	says ENOSYS "$pinredir" run --deny /never "$names" make tmpfs
	says 0 "$pinredir" run "$names" make tmpfs
}

test_roots_are_seen_through() {
	local names=$programs/names
	files
	mkdir -p new
	attack "$names" root "$PWD/d" /secret
	attack "$names" root "$PWD" d/secret
	attack "$names" root "$PWD" /d/secret
	attack unshare -Ur "$names" root "$PWD/d" /secret
	attack_alone "$names" pivot "$PWD/new" "$PWD/new/old" \
		"/old$PWD/d/secret"
	says EACCES "$pinredir" run --deny "$PWD/d/secret" unshare -Urm \
		"$names" root "$PWD/d" /secret
	# What is not denied, by the names of that root
	says open "$pinredir" run --deny "$PWD/d/secret" \
		"$names" root "$PWD" /d/open
	says open "$pinredir" run --deny "$PWD/d/secret" --absolute \
		"$names" root "$PWD" d/open
	says sub "$pinredir" run --deny "$PWD/d/secret" --absolute \
		"$names" root "$PWD/d" /sub/file
	says open "$pinredir" run --deny "$PWD/d/secret" unshare -Urm \
		"$names" pivot "$PWD/new" "$PWD/new/old" "/old$PWD/d/open"
	# By those as well
	mkdir -p "root/$PWD/d"
	echo same >"root/$PWD/d/secret"
	says EACCES "$pinredir" run --deny "$PWD/d/secret" \
		"$names" root "$PWD/root" "$PWD/d/secret"
}

test_containers_start() {
	local run=("$pinredir" run -q --deny "$PWD/d/secret")
	files
	says open "${run[@]}" unshare -Urm sh -c 'cd d && cat open'
	says $'open\nsecret\nsub' "${run[@]}" unshare -Urm ls d
	says '' "${run[@]}" unshare -Urm cat d/secret
	# A program that the tool's tests need: tools/setup.sh installs it.
	says $'open\nsecret\nsub' bwrap --bind / / ls "$PWD/d"
	says $'open\nsecret\nsub' "${run[@]}" bwrap --bind / / ls "$PWD/d"
	says secret bwrap --bind / / --bind "$PWD/d" /mnt cat /mnt/secret
	says open "${run[@]}" bwrap --bind / / --bind "$PWD/d" /mnt \
		sh -c 'cd /mnt && cat open'
	says '' "${run[@]}" bwrap --bind / / --bind "$PWD/d" /mnt \
		cat /mnt/secret
	says '' "${run[@]}" bwrap --bind / / sh -c 'cd "$1"; cat secret' sh "$PWD/d"
	says open "${run[@]}" bwrap --ro-bind /usr /usr --symlink usr/lib /lib \
		--symlink usr/lib64 /lib64 --symlink usr/bin /bin --proc /proc \
		--dev /dev --bind "$PWD/d" /work --chdir /work --unshare-user \
		--unshare-pid cat open
}

test_dots_are_resolved_once() {
	local run=("$pinredir" run -q --deny "$PWD/d/secret")
	files
	mkdir -p else/where
	echo elsewhere >else/open
	ln -s ../else/where d/link
	ln -s "$PWD/d/sub" else/back
	# The kernel goes by way of the links.
	attack "$programs/names" cat else/back/../secret
	attack "$programs/names" cat "$PWD/else/back/../secret"
	attack "$programs/names" cat "$PWD/d/link/../back/../secret"
	says elsewhere cat d/link/../open
	says elsewhere "${run[@]}" cat d/link/../open
	says elsewhere "${run[@]}" cat "$PWD/d/link/../open"
	says open "${run[@]}" cat d/sub/../open
	says open "${run[@]}" cat "else/../d/open"
	says open "${run[@]}" sh -c 'cd d/sub && cat ../open'
	says ENOENT "$programs/names" cat d/nonesuch/../open
	says ENOENT "${run[@]}" "$programs/names" cat d/nonesuch/../open
	says ENOTDIR "${run[@]}" "$programs/names" cat d/open/../open
	says EISDIR "${run[@]}" "$programs/names" cat d/sub/..
	# What is rewritten is what is judged.
	says elsewhere "$pinredir" run -q --rewrite "$PWD/d/open=$PWD/else/open" \
		cat else/back/../open
	# As the call has it in the log
	run -q --log log --deny "$PWD/d/secret" cat "$PWD/d/link/../open"
	grep -F "\"$PWD/d/link/../open\" = \"$PWD/else/open\"" log
	# /proc/self is another process to the supervisor: as text
	says "Name:	names" "$programs/names" cat /proc/self/fd/../status
	says "Name:	names" "${run[@]}" "$programs/names" cat \
		/proc/self/fd/../status
}

test_rules_are_resolved() {
	local run
	files
	ln -s d link
	ln -s d/secret direct
	for rule in link/secret direct; do
		run=(run --deny "$PWD/$rule")
		status 1 "${run[@]}" cat d/secret 2>err
		grep -qx "pinredir run: --deny $PWD/$rule: it is $PWD/d/secret as well" err
		status 1 "${run[@]}" cat "$rule"
		status 0 "${run[@]}" cat d/open
	done
	run -q --deny "$PWD/d/secret" true 2>err
	[ ! -s err ]
	# What is not there yet
	run --deny "$PWD/link/later/file" sh -c 'mkdir d/later
		echo x >d/later/file' && return 1
	[ -d d/later ] && [ ! -e d/later/file ]
	status 0 run --allow / --deny "$PWD" --allow "$PWD/link" cat d/open
	status 0 run --allow / --deny "$PWD" --allow "$PWD/link" cat link/open
	status 1 run --allow / --deny "$PWD" --allow "$PWD/link" cat names
	for name in link d; do
		says "$(cat /etc/hostname)" "$pinredir" run -q \
			--rewrite "$PWD/link/open=/etc/hostname" cat $name/open
	done
	says '' "$pinredir" run -q --deny /bin/cat /usr/bin/cat d/open
}

test_deep_directories() {
	local names=$programs/names run=("$pinredir" run -q --deny "$PWD/d/secret")
	local up
	files
	mkdir top
	printf -v up '../%.0s' {1..31}
	says secret "$names" deep top 30 "${up}d/secret"
	says open "${run[@]}" "$names" deep top 30 "${up}d/open"
	says EACCES "${run[@]}" "$names" deep top 30 "${up}d/secret"
	says EACCES "$pinredir" run -q --deny "$PWD/top" --allow / \
		"$names" in "$PWD/top" x
	says ENOENT "${run[@]}" "$names" deep top 30 nonesuch
	says ENOENT "$names" deep top 30 "${up}nonesuch"
	says ENAMETOOLONG "${run[@]}" --absolute "$names" deep top 30 nonesuch
	# All below is denied, if the directory was open before.
	says '' sh -c 'cd top; while cd ddd*; do :; done 2>/dev/null
		exec "$@"' sh "$pinredir" run -q --deny "$PWD/top" cat nonesuch
	status 0 "${run[@]}" rm -r top
	[ ! -e top ]
}

# Where one may not look, the name is known all the same.
test_unsearchable_directories() {
	local nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	local top=$PWD
	files
	mkdir -p closed/in
	echo file >closed/in/file
	chmod 700 closed
	chmod 755 . closed/in
	chmod 666 /dev/seccomp-pin
	cd closed/in
	says file "${nobody[@]}" cat file
	says file "${nobody[@]}" "$pinredir" run -q --deny "$top/d/secret" \
		cat file
	says '' "${nobody[@]}" "$pinredir" run -q --deny "$PWD/file" cat file
	chmod 660 /dev/seccomp-pin
}

# A target that serves a file system waits for the supervisor in its own calls.
test_served_file_systems() {
	local want LIMIT=60
	mkdir mnt
	want=$'file: 0\n../dir/file: 0\n../dir/../file: 0\n../dir/../secret: 0'
	says "$want" unshare -m "$programs/served" "$PWD/mnt"
	says "$want" unshare -m "$pinredir" run -q --deny /never \
		"$programs/served" "$PWD/mnt"
	says "${want%0}EACCES" unshare -m "$pinredir" run -q \
		--deny "$PWD/mnt/secret" "$programs/served" "$PWD/mnt"
}

test_remembered_names_hold_until_they_change() {
	local names=$programs/names
	files
	mkdir root
	mkdir -p "root/$PWD"
	cp -r d "root/$PWD/"
	# The same bytes, allowed before, name what is denied in another root.
	cat >again.sh <<-'EOT'
	for i in 1 2 3; do "$1" cat "$2/d/open"; done
	"$1" root "$2/root" "$2/d/open"
	EOT
	says $'open\nopen\nopen\nopen' sh again.sh "$names" "$PWD"
	says $'open\nopen\nopen\nEACCES' "$pinredir" run -q --remember \
		--deny "$PWD/root$PWD" --allow / sh again.sh "$names" "$PWD"
	mkdir mnt
	echo free >mnt/secret
	cat >mounted.sh <<-'EOT'
	for i in 1 2 3; do cat mnt/secret "$PWD/mnt/secret"; done
	mount --bind d mnt
	for i in 1 2 3; do cat "$PWD/mnt/secret"; done
	EOT
	says $'free\nfree\nfree\nfree\nfree\nfree' unshare -m \
		"$pinredir" run -q --remember --deny "$PWD/d/secret" \
		sh mounted.sh
}

# The help says so. Standard input was opened before.
test_what_is_not_promised() {
	local run=("$pinredir" run -q --deny "$PWD/d/secret")
	files
	ln -s d link
	ln d/secret hard
	says secret "${run[@]}" cat link/secret
	says secret "${run[@]}" cat hard
	says secret "${run[@]}" cat "/proc/self/root$PWD/d/secret"
	status 0 "${run[@]}" cat <d/secret >out
	[ "$(cat out)" = secret ]
	mkdir closed
	says open "$pinredir" run -q --deny "$PWD/closed" cat closed/../d/open
	says ENOENT "$pinredir" run -q --deny "$PWD/closed" \
		"$programs/names" cat closed/none/../../d/open
}

suite
