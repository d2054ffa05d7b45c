// Command sightglass is the program: it reads the configuration, builds the parts by hand and in
// order (records, cache, auth, connectors, gateway), and serves.
//
// It is the only place that knows every concrete type. It owns flags, files and exit codes; what the
// parts do is theirs. Start reading at main.go, then config.go and serve.go; demo.go is the whole
// product in one process.
package main
