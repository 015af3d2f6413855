package nb

import (
	"strings"
	"unicode/utf8"
)

// help is the text that --help prints: a line for each flag.
func help(p any) string {
	_, list, err := fieldsOf(p)
	if err != nil {
		return err.Error() + "\n"
	}
	heads, width := make([]string, len(list)+1), 0
	for i, f := range list {
		heads[i] = f.head()
		width = max(width, utf8.RuneCountInString(heads[i]))
	}
	heads[len(list)] = "-h, --help"
	width = max(width, len(heads[len(list)]))
	var b strings.Builder
	b.WriteString("Flags:\n")
	for i, head := range heads {
		text := "print this"
		if i < len(list) {
			text = list[i].describe()
		}
		pad := strings.Repeat(" ", width-utf8.RuneCountInString(head))
		b.WriteString("  " + head + pad + "   " + text + "\n")
	}
	return b.String()
}

// head is a flag and what it takes.
func (f field) head() string {
	switch {
	case f.list:
		return "--" + f.name + " " + f.kind + ",..."
	case f.kind == "bool":
		return "--[no-]" + f.name
	}
	return "--" + f.name + " " + f.kind
}

// describe is the usage, the unit and the default.
func (f field) describe() string {
	value := format(f.value)
	if value == "" || f.kind == "string" && strings.ContainsAny(value, " \t\n\"()") {
		value = `"` + strings.NewReplacer("\\", `\\`, "\"", `\"`, "\n", `\n`, "\t", `\t`).Replace(value) + `"`
	}
	if f.list && f.value.Len() == 0 {
		value = "none"
	}
	text := "default " + value
	if f.unit != "" {
		text += " " + f.unit
	}
	return strings.TrimSpace(f.usage + " (" + text + ")")
}
