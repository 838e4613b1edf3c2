package clients

import (
	"bytes"
	_ "embed"

	"go.yaml.in/yaml/v3"

	"github.com/browseract/browseract-mcp/server/cli/clients/edit"
)

//go:embed clients.yaml
var catalogue []byte

// A spec is what clients.yaml has of a client for this package alone.
type spec struct {
	// PlainJSON says that the client may ignore a file with comments or trailing commas.
	PlainJSON bool        `yaml:"plain_json"`
	Format    edit.Format // JSON if absent
	// ServersPath is where a configuration has servers; NewerPath in one that has a map
	// there which is no server.
	ServersPath []string `yaml:"servers"`
	NewerPath   []string `yaml:"newer_servers"`
	User        []place
	// Project are the files that a project may have, the usual one first.
	Project []string
	// Max are the limits that the client has without a configuration.
	Max   Limits `yaml:"limits"`
	Entry shape
}

// All returns the clients in the order in which they are listed.
func All() []Client {
	var all []Client
	dec := yaml.NewDecoder(bytes.NewReader(catalogue))
	dec.KnownFields(true)
	if err := dec.Decode(&all); err != nil {
		panic(err) // the file is part of the program, and a test reads it
	}
	return all
}
