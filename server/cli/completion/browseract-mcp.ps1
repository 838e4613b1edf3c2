# PowerShell completion for browseract-mcp.
#
# The program itself knows what may come next. Where it knows nothing, PowerShell
# offers the names of files.

Register-ArgumentCompleter -Native -CommandName 'browseract-mcp', 'browseract-mcp.exe' -ScriptBlock {
    param($word, $line, $cursor)
    $before = @($line.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { "$_" })
    $version = $PSVersionTable.PSVersion
    if ($word -eq '' -and ($version.Major -lt 7 -or ($version.Major -eq 7 -and $version.Minor -lt 3))) {
        $word = '""' # older ones leave an empty argument out
    }
    & $line.GetCommandName() __complete -- @before $word 2>$null | ForEach-Object {
        $offer, $meaning = $_ -split "`t", 2
        if (-not $meaning) { $meaning = $offer }
        [System.Management.Automation.CompletionResult]::new($offer, $offer, 'ParameterValue', $meaning)
    }
}
