//go:build !linux

package lower

func limitMemory() {}
