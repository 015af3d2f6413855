package notebook

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
)

// idForm is what identities of cells look like since nbformat 4.5
// (https://jupyter.org/enhancement-proposals/62-cell-id/cell-id.html).
var idForm = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

// FixIDs gives cells that have no identity, a wrong one or that of another cell one
// that follows from what is in them. Before nbformat 4.5 cells have none.
func (n *Notebook) FixIDs() {
	if n.Minor < 5 {
		return
	}
	taken := map[string]bool{}
	for _, c := range n.Cells {
		if idForm.MatchString(c.ID) && !taken[c.ID] {
			taken[c.ID] = true
		} else {
			c.ID = ""
		}
	}
	for _, c := range n.Cells {
		if c.ID == "" {
			c.ID = c.freeID(taken)
			taken[c.ID] = true
		}
	}
}

// freeID is an identity that no other cell has.
func (c *Cell) freeID(taken map[string]bool) string {
	sum := sha256.Sum256([]byte(c.Kind + "\x00" + c.Source))
	id := hex.EncodeToString(sum[:4])
	first := id
	for i := 2; taken[id]; i++ {
		id = fmt.Sprintf("%s-%d", first, i)
	}
	return id
}
