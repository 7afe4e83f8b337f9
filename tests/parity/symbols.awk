# symbols.awk - usage: awk -f symbols.awk HEADERS... TABLE: C source that takes the address of every function of ours that the
# table names, and the offset or size of everything else, so that none of them can go without the table.
BEGIN { FS = "\t" }

FILENAME ~ /\.h$/ {
    line = $0
    while (match(line, /pipit_[a-z0-9_]+\(/)) {
        is_function[substr(line, RSTART, RLENGTH - 1)] = 1
        line = substr(line, RSTART + RLENGTH)
    }
    next
}

FNR > 1 {
    count = split($5, names, " ")
    for (i = 1; i <= count; i++)
        if (names[i] ~ /^(pipit_|PIPIT_)/ && !(names[i] in seen)) {
            seen[names[i]] = 1
            order[++total] = names[i]
        }
}

END {
    print "/* Made by symbols.awk. */\n#include \"parity/symbols.h\"\n\n#include \"pipit/pipit.h\"\n"
    print "void (*const parity_functions[])(void) = {"
    for (i = 1; i <= total; i++)
        if (order[i] in is_function)
            print "    (void (*)(void))" order[i] ","
    print "    NULL};\n\nconst size_t parity_places[] = {"
    for (i = 1; i <= total; i++) {
        name = order[i]
        if (name in is_function)
            continue
        if (split(name, part, ".") == 2)
            print "    offsetof(" part[1] ", " part[2] "),"
        else if (name ~ /^PIPIT_/)
            print "    sizeof(" name "),"
        else
            print "    sizeof(" name " *),"
    }
    print "};"
    printf "const size_t parity_symbol_count = %d;\n", total
}
