# fish completion for browseract-mcp.
#
# The program itself knows what may come next. Where it knows nothing, fish
# offers the names of files.

function __browseract_mcp_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l offers ($words[1] __complete -- $words[2..] "$word" 2>/dev/null)
    if set -q offers[1]
        string join \n -- $offers
    else
        __fish_complete_path "$word"
    end
end

complete -c browseract-mcp -k -f -a '(__browseract_mcp_complete)'
