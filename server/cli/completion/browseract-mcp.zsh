#compdef browseract-mcp
# zsh completion for browseract-mcp.
#
# The program itself knows what may come next. Where it knows nothing, zsh
# offers the names of files.

_browseract_mcp() {
  local offer
  local -a offers
  for offer in "${(@f)$(${~words[1]} __complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z $offer ]] || offers+=("${${${offer%%$'\t'*}//\\/\\\\}//:/\\:}:${offer#*$'\t'}")
  done
  if (( $#offers )); then
    _describe -V browseract-mcp offers
  else
    _files
  fi
}

# As a file in fpath this is the function itself; read by source, it registers it.
if [[ $funcstack[1] == _browseract-mcp || $funcstack[1] == _browseract_mcp ]]; then
  _browseract_mcp "$@"
else
  compdef _browseract_mcp browseract-mcp
fi
