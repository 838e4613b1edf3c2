# bash completion for browseract-mcp.
#
# The program itself knows what may come next. Where it knows nothing, bash
# offers the names of files.

_browseract_mcp() {
  local offer
  COMPREPLY=()
  while IFS= read -r offer; do
    COMPREPLY+=("${offer%%$'\t'*}")
  done < <("${1/#\~/$HOME}" __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}

complete -o bashdefault -o default -F _browseract_mcp browseract-mcp
