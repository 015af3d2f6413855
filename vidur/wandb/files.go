package wandb

import (
	"encoding/json"
	"strings"
	"time"
)

// metadataName is of the file that says what made the run.
const metadataName = "wandb-metadata.json"

// file is a file of the run's folder.
type file struct {
	name string // with slashes
	text []byte
}

// files are all files of the run.
func (c *contents) files(id string, start time.Time) []file {
	metadata := []value{
		{"program", text("vidur")}, {"startedAt", text(start.Format("2006-01-02T15:04:05.000000Z"))},
	}
	return []file{
		{"run-" + id + ".wandb", c.log(id, start)},
		{"files/config.yaml", c.yaml()},
		{"files/wandb-summary.json", object(c.whole(start))},
		{"files/" + metadataName, object(metadata)},
	}
}

// yaml is the configuration as W&B keeps it: every key has a mapping with its value.
// JSON is YAML.
func (c *contents) yaml() []byte {
	var b strings.Builder
	for _, v := range append([]value{{"_wandb", "{}"}}, c.config...) {
		b.WriteString(text(v.name) + ":\n    value: " + v.json + "\n")
	}
	return []byte(b.String())
}

// object is a JSON object.
func object(list []value) []byte {
	var b strings.Builder
	b.WriteString("{")
	for i, v := range list {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n  " + text(v.name) + ": " + v.json)
	}
	b.WriteString("\n}\n")
	return []byte(b.String())
}

// text is a string in JSON.
func text(s string) string {
	quoted, _ := json.Marshal(s) // of a string there is no error
	return string(quoted)
}
