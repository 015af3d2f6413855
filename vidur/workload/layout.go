package workload

import (
	"fmt"
	"strings"
	"unicode"
)

// layout is which column or key of a file holds what. A name that is empty is
// not there.
type layout struct {
	format         string
	at, unit       string // when a request came, and the unit of times that are numbers
	prompt, answer string // lengths
	session, delay string // of a turn that comes so long after the one before it
	exact          bool   // the format of this simulator
}

// Names of lengths and times, as plain writes them. Of several that are there
// the first counts.
var (
	promptNames = []string{"numprefilltokens", "contexttokens", "requesttokens", "promptsize", "inputtokens", "inputlength", "inputtoks",
		"inputlen", "promptlen", "promptlength", "prompttokens", "numprompttokens"}
	answerNames = []string{"numdecodetokens", "generatedtokens", "responsetokens", "tokensize", "outputtokens", "outputlength", "outputtoks",
		"outputlen", "completiontokens", "numoutputtokens", "expectedoutputlen"}
	timeNames = []string{"arrivedat", "arrivaltimestamp", "arrivaltimeus", "arrivaltimens", "arrivaltimems", "arrivaltime",
		"timestamp", "timestampms", "createdtime", "starttime"}
)

// timeUnits are those of times that are not seconds.
var timeUnits = map[string]string{
	"arrivaltimeus": "µs", "arrivaltimens": "ns", "arrivaltimems": "ms", "timestampms": "ms", "createdtime": "ms",
}

// formats are the names of formats, by a column or key that tells them apart.
var formats = []struct{ key, name string }{
	{"numimages", "Azure multimodal trace"},
	{"contexttokens", "Azure LLM trace"},
	{"requesttokens", "BurstGPT"},
	{"promptsize", "splitwise-sim"},
	{"arrivaltimeus", "BLIS TraceV2"},
	{"inputtoks", "LLMServingSim"},
	{"chatid", "Bailian trace"},
	{"hashids", "Mooncake trace"},
}

// simulatorFormat is the name of the format of this simulator and the original.
const simulatorFormat = "simulator"

// plain is a name in lower case, with letters and digits only.
func plain(name string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToLower(c)
		}
		return -1
	}, name)
}

// names are the columns or keys of a file by their plain names.
type names map[string]string

func newNames(list []string) names {
	n := names{}
	for _, name := range list {
		if _, ok := n[plain(name)]; !ok {
			n[plain(name)] = strings.TrimSpace(name)
		}
	}
	return n
}

func (n names) pick(list ...string) string {
	for _, name := range list {
		if n[name] != "" {
			return n[name]
		}
	}
	return ""
}

// recognise finds the layout of a file with the given columns or keys.
func recognise(list []string, json bool) (layout, error) {
	n := newNames(list)
	l := layout{
		format: "requests", unit: "s", at: n.pick(timeNames...),
		prompt: n.pick(promptNames...), answer: n.pick(answerNames...),
		session: n.pick("sessionid"),
	}
	if json {
		l.delay = delayKey // the first request of a session has none
	}
	for _, f := range formats {
		if n[f.key] != "" {
			l.format = f.name
			break
		}
	}
	if u := timeUnits[plain(l.at)]; u != "" {
		l.unit = u
	}
	// Traces in JSON count milliseconds, but for Bailian's.
	if json && plain(l.at) == "timestamp" && n["chatid"] == "" {
		l.unit = "ms"
	}
	l.exact = !json && plain(l.prompt) == "numprefilltokens" && (l.at == "" || plain(l.at) == "arrivedat")
	if l.exact {
		l.format = simulatorFormat
	}
	for _, c := range []struct{ name, what string }{{l.prompt, "prompts"}, {l.answer, "answers"}} {
		if c.name == "" {
			return l, fmt.Errorf("nothing has the lengths of the %s; there is %s", c.what, quoted(list))
		}
	}
	return l, nil
}

// columns are the names in the order of the constants.
func (l *layout) columns() []string {
	return []string{colAt: l.at, colPrompt: l.prompt, colAnswer: l.answer, colSession: l.session, colDelay: l.delay}
}

// The columns of a table of requests.
const (
	colAt = iota
	colPrompt
	colAnswer
	colSession
	colDelay
)
