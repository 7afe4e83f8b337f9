# page.awk - usage: awk -f page.awk jssip.tsv: the table as a page of the reference, for people who know JsSIP. What is inside of
# JsSIP is left out.
BEGIN {
    FS = "\t"
    print "# JsSIP's names and ours\n"
    print "Each method, property, option, event and constant of JsSIP 3.13.8 and of its older manuals, what it is called here, and"
    print "where Pipit does otherwise on purpose. Each row is bound to a test: `tests/parity/jssip.tsv`."
}

function code(names, count, part, i, text) {
    count = split(names, part, " ")
    for (i = 1; i <= count; i++)
        text = text (i > 1 ? ", " : "") "`" part[i] "`"
    return names == "-" || names == "pending" ? "" : text
}

NR == 1 || $7 ~ /^Inside of JsSIP/ { next }

$1 != class {
    class = $1
    print "\n## " class "\n\n| JsSIP | | Pipit | on purpose |\n|---|---|---|---|"
}

{
    note = $5 == "pending" ? "not there yet" : $7
    gsub(/\|/, "\\|", note)
    print "| `" $3 "` | " $2 " | " code($5) " | " note " |"
}
