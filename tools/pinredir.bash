# SPDX-License-Identifier: GPL-2.0-only
# Completion for bash: the subcommands, their options, and then the command.

_pinredir_option() {
	case $1 in
	--allow | --deny | --policy | --log | --device) return 0 ;;
	--rewrite | --calls) return 0 ;;
	esac
	return 1
}

# Where the command is in the words, or nowhere
_pinredir_command() {
	local i
	for ((i = 2; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} == -- ]]; then
			echo $((i + 1))
			return
		elif _pinredir_option "${COMP_WORDS[i]}"; then
			((i += 1))
			# The shell takes FROM=TO for three words.
			while [[ ${COMP_WORDS[i + 1]-} == = ]]; do
				((i += 2))
			done
		elif [[ ${COMP_WORDS[i]} != -* ]]; then
			echo "$i"
			return
		fi
	done
	[[ ${COMP_WORDS[COMP_CWORD]} == -* ]] || _pinredir_option \
		"${COMP_WORDS[COMP_CWORD - 1]}" || echo "$COMP_CWORD"
}

_pinredir() {
	local word=${COMP_WORDS[COMP_CWORD]} previous words command=''
	previous=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		words='run trace check --help --version'
	else
		case ${COMP_WORDS[1]} in
		run) words='--allow --deny --rewrite --policy --absolute
			--remember --log --json --wait --quiet --help' ;;
		trace) words='--calls --log --json --help' ;;
		check) words='--json --device --help' ;;
		*) return ;;
		esac
		if [[ ${COMP_WORDS[1]} != check ]]; then
			command=$(_pinredir_command)
		fi
		if [[ $previous != -- ]] && _pinredir_option "$previous" ||
				[[ $previous == = ]]; then
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "${word#=}")
			return
		elif [[ -n $command ]]; then
			if declare -F _command_offset >/dev/null; then
				_command_offset "$command"
			elif ((command == COMP_CWORD)); then
				mapfile -t COMPREPLY < <(compgen -c -- "$word")
			else
				compopt -o filenames 2>/dev/null
				mapfile -t COMPREPLY < <(compgen -f -- "$word")
			fi
			return
		fi
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _pinredir pinredir
