package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/browseract/browseract-mcp/browseract"
)

const (
	keyVariable = "BROWSERACT_API_KEY"
	// maxKeyFile is far above every key; a file beyond it is not one.
	maxKeyFile = 64 << 10
)

// apiKey returns the operator's key, or why the one that is configured cannot be
// used; "" without an error where none is. The variable wins over the file.
func (f *accountFlags) apiKey(getenv func(string) string) (string, error) {
	if key := trimKey(getenv(keyVariable)); key != "" {
		return checkKey(keyVariable, key)
	}
	if f.APIKeyFile == "" {
		return "", nil
	}
	raw, err := readSome(f.APIKeyFile)
	if err != nil {
		return "", fmt.Errorf("the file of the API key cannot be read: %w", err)
	}
	key := trimKey(raw)
	if key == "" {
		return "", errors.New("the file of the API key is empty")
	}
	return checkKey("the file of the API key", key)
}

func readSome(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxKeyFile))
	return string(raw), err
}

// trimKey takes away what editors and shells leave around a key: white space, a
// byte order mark, quotes.
func trimKey(raw string) string {
	return strings.TrimSpace(strings.Trim(strings.TrimSpace(strings.TrimPrefix(raw, "\ufeff")), `"'`))
}

// placeholder is what stands in examples and in configurations that nobody
// filled in: ${KEY}, $KEY, %KEY%, {{key}}, <key>, your-key, app-...
var placeholder = lazily(`(?i)^(\$|%|\{|<|your)|\.\.\.$`)

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

// own is the KeyFunc of a server with one user: every call has the operator's key.
func own(operator string) browseract.KeyFunc {
	return func(context.Context) string { return operator }
}
