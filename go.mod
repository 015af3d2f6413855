module github.com/govidur/govidur

go 1.26
