package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/lazyregexp"
)

const (
	keyVariable = "BROWSERACT_API_KEY"
	keyFile     = "the file of the API key"
	// maxKeyFile is the most bytes that are read of a key's file, far above any key.
	maxKeyFile = 64 << 10
)

// apiKey returns the operator's key, "" for none, or why the configured one cannot be
// used. The variable wins over the file.
func (f *accountFlags) apiKey(getenv func(string) string) (string, error) {
	if key := trimKey(getenv(keyVariable)); key != "" {
		return checkKey(keyVariable, key)
	}
	if f.APIKeyFile == "" {
		return "", nil
	}
	raw, err := readStart(f.APIKeyFile, maxKeyFile)
	if err != nil {
		return "", fmt.Errorf("%s cannot be read: %w", keyFile, err)
	}
	key := trimKey(string(raw))
	if key == "" {
		return "", errors.New(keyFile + " is empty")
	}
	return checkKey(keyFile, key)
}

// readStart reads the first limit bytes of a file.
func readStart(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, limit))
}

// trimKey removes what editors and shells leave around a key: white space, a byte
// order mark, quotes.
func trimKey(raw string) string {
	return strings.TrimSpace(strings.Trim(strings.TrimSpace(strings.TrimPrefix(raw, "\ufeff")), `"'`))
}

// placeholder matches what examples and unfinished configurations hold: ${KEY},
// $KEY, %KEY%, {{key}}, <key>, your-key, app-...
var placeholder = lazyregexp.New(`(?i)^(\$|%|\{|<|your)|\.\.\.$`)

// checkKey refuses what no key can be. Its errors quote nothing of it.
func checkKey(source, key string) (string, error) {
	switch {
	case placeholder().MatchString(key):
		return "", fmt.Errorf("%s holds a placeholder and not a key", source)
	case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "", fmt.Errorf("%s holds blanks, line breaks or characters that no key has", source)
	}
	return key, nil
}

// staticKey gives every call the operator's key.
func staticKey(operator string) browseract.KeyFunc {
	return func(context.Context) string { return operator }
}
