package catalog_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/govidur/govidur/vidur/catalog"
)

func ExampleCatalog_Replica() {
	spec, err := catalog.Default().Replica("llama-3.1-70b", "h100", 4, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	memory, err := spec.Plan()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s on %d × %s in %s: room for %d tokens\n", spec.Model.Name, spec.GPUs(), spec.Device.Name, spec.Node.Name, 16*memory.Blocks)
	// Output: meta-llama/Llama-3.1-70B on 4 × h100 in h100_dgx: room for 513088 tokens
}

func ExampleUnknownError() {
	_, err := catalog.Default().Model("lama-2-70b")
	var unknown *catalog.UnknownError
	if errors.As(err, &unknown) {
		fmt.Printf("no %s %s; is it %s?\n", unknown.Kind, unknown.Name, unknown.Near[0])
	}
	// Output: no model lama-2-70b; is it llama-2-70b?
}

func ExampleCatalog_Load() {
	c, err := catalog.Default().Load(strings.NewReader(`{"prices": {"h100": 1.99}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := c.Device("h100")
	fmt.Println(d.Price, err)
	// Output: 1.99 <nil>
}
