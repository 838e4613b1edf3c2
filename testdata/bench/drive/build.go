package drive

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const module = "github.com/browseract/browseract-mcp"

// Program returns the path of the product's program: the one that the environment
// variable SERVER_PROGRAM names, or else one built into dir.
func Program(ctx context.Context, dir string) (string, error) {
	if built := os.Getenv("SERVER_PROGRAM"); built != "" {
		return built, nil
	}
	return Build(ctx, dir, "")
}

// Build builds a command of this module into dir. The empty path is the product.
func Build(ctx context.Context, dir, path string) (string, error) {
	program := filepath.Join(dir, filepath.Base(module+path))
	cmd := exec.CommandContext(ctx, "go", "build", "-o", program, module+path)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return program, nil
}
