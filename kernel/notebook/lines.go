package notebook

import (
	"strings"
	"unicode/utf8"
)

// splitLines cuts text where Python's str.splitlines does, which keeps the ends. It
// is how text is stored in files.
func splitLines(s string) []any {
	lines := []any{}
	start := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch r {
		case '\r':
			if i < len(s) && s[i] == '\n' {
				i++
			}
		case '\n', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
		default:
			continue
		}
		lines = append(lines, s[start:i])
		start = i
	}
	if start < len(s) {
		lines = append(lines, s[start:])
	}
	return lines
}

// joinLines is the text of a list of strings.
func joinLines(v any) (text string, ok bool) {
	list, ok := v.([]any)
	if !ok {
		return "", false
	}
	var b strings.Builder
	for _, x := range list {
		line, ok := x.(string)
		if !ok {
			return "", false
		}
		b.WriteString(line)
	}
	return b.String(), true
}

// isJSON reports whether data of a MIME type is JSON, which is stored as it is.
func isJSON(kind string) bool {
	return kind == "application/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json")
}

// isLines reports whether data of a MIME type is stored in lines.
func isLines(kind string) bool {
	return strings.HasPrefix(kind, "text/") || kind == "application/javascript" || kind == "image/svg+xml"
}

// joinBundle joins the lines of the texts in a bundle.
func joinBundle(v any) {
	bundle, _ := v.(map[string]any)
	for kind, data := range bundle {
		if text, ok := joinLines(data); ok && !isJSON(kind) {
			bundle[kind] = text
		}
	}
}

// splitBundle is a bundle with its texts in lines.
func splitBundle(v any) any {
	bundle, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := make(map[string]any, len(bundle))
	for kind, data := range bundle {
		out[kind] = data
		if text, ok := data.(string); ok && isLines(kind) {
			out[kind] = splitLines(text)
		}
	}
	return out
}
