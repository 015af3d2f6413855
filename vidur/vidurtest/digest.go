package vidurtest

import "github.com/govidur/govidur/vidur"

// Digest folds every event of a run into one number; see [vidur.Digest].
type Digest = vidur.Digest
