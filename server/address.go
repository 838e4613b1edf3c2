package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
)

// reserved are what RFC 6570 has a value encode. encodeURIComponent leaves some of
// them as they are, and whoever writes an address by hand all of them.
const reserved = "!$&'()*+,;=:@"

// encodeReserved has "report (2).pdf" be found in whichever way a client encodes it.
func (cfg Config) encodeReserved(_ context.Context, _ any, request *mcp.ReadResourceRequest) {
	if encoded := encodeAfterScheme(request.Params.URI); !cfg.isAddress(request.Params.URI) && cfg.isAddress(encoded) {
		request.Params.URI = encoded
	}
}

func (cfg Config) isAddress(uri string) bool {
	for _, r := range cfg.Resources {
		if r.Template.URITemplate.Regexp().MatchString(uri) {
			return true
		}
	}
	return false
}

func encodeAfterScheme(uri string) string {
	scheme, rest, _ := strings.Cut(uri, "://")
	encoded := []byte(scheme + "://")
	for _, b := range []byte(rest) {
		if strings.IndexByte(reserved, b) >= 0 {
			encoded = fmt.Appendf(encoded, "%%%02X", b)
		} else {
			encoded = append(encoded, b)
		}
	}
	return string(encoded)
}
