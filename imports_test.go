package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "github.com/browseract/browseract-mcp"
	mcpGo  = "github.com/mark3labs/mcp-go"
)

// importRules say what the packages in a folder never import, and what of that
// they may after all. The longest folder counts. Tests may import anything.
var importRules = map[string]struct{ never, may []string }{
	".":                 {never: []string{module}, may: []string{module + "/server/cli"}},
	"server":            {never: []string{module}, may: []string{module + "/server/rpc"}},
	"server/rpc":        {never: []string{module}}, // below both transports
	"server/stdio":      {never: []string{module}, may: []string{module + "/server/rpc"}},
	"server/streamable": {never: []string{module}, may: []string{module + "/server/rpc"}},
	"server/cli":        {}, // joins the others
	"tools":             {never: []string{module + "/server"}},
	"schemas":           {never: []string{module + "/server", module + "/tools", mcpGo}},
	"browseract":        {never: []string{module, mcpGo}, may: []string{module + "/browseract"}},
}

// toolOrder are the packages under tools from the lowest up: each imports only those
// before it. Those in one group do not import each other.
var toolOrder = [][]string{
	{"lazyregexp"},
	{"sanitize"},
	{"download", "picture", "output"},
	{"custom", "ledger", "problem", "call"},
	{"runs"},
	{"present"},
	{"batch"},
}

// ledgerUsers are the only packages under tools that import the ledger.
var ledgerUsers = []string{"tools/runs", "tools/batch"}

// mainOnly are the doors to the process's surroundings: main opens them and
// passes on what it finds. What is printed would end up in the protocol.
var mainOnly = map[string][]string{
	"os":  {"Args", "Environ", "ExpandEnv", "Getenv", "LookupEnv", "Setenv", "Stderr", "Stdin", "Stdout", "Unsetenv"},
	"fmt": {"Print", "Printf", "Println"},
}

func TestPackagesImportOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for name, file := range sources(t) {
		folder := ruleFolder(path.Dir(name))
		rule, ok := importRules[folder]
		if !ok {
			t.Errorf("%s: its folder has no import rule", name)
		}
		used[folder] = true
		for _, imported := range imports(file) {
			if under(imported, rule.never) && !under(imported, rule.may) {
				t.Errorf("%s imports %s, which packages in %s must not", name, imported, folder)
			}
		}
	}
	for folder := range importRules {
		if !used[folder] {
			t.Errorf("the import rule for %s holds for no package", folder)
		}
	}
}

func TestToolPackagesImportDownwardOnly(t *testing.T) {
	t.Parallel()
	level := map[string]int{}
	for n, group := range toolOrder {
		for _, name := range group {
			level[name] = n
		}
	}
	for name, file := range sources(t) {
		own, ok := strings.CutPrefix(path.Dir(name), "tools/")
		if !ok {
			continue
		}
		own, _, _ = strings.Cut(own, "/") // output/jq is a part of output
		at, known := level[own]
		if !known {
			t.Errorf("%s: package tools/%s has no place in the order", name, own)
		}
		for _, imported := range imports(file) {
			other, ok := strings.CutPrefix(imported, module+"/tools")
			other, _, _ = strings.Cut(strings.TrimPrefix(other, "/"), "/")
			if ok && other != own && (other == "" || level[other] >= at) {
				t.Errorf("%s imports %s, which is not below it", name, imported)
			}
		}
	}
}

func TestOnlyRunsAndBatchesImportTheLedger(t *testing.T) {
	t.Parallel()
	for name, file := range sources(t) {
		folder := path.Dir(name)
		if slices.Contains(imports(file), module+"/tools/ledger") && under(folder, []string{"tools"}) && !slices.Contains(ledgerUsers, folder) {
			t.Errorf("%s imports the ledger, which only %v may", name, ledgerUsers)
		}
	}
}

func TestOnlyMainReadsTheEnvironmentAndTheStandardStreams(t *testing.T) {
	t.Parallel()
	for name, file := range sources(t) {
		if name == "main.go" {
			continue
		}
		for _, found := range surroundings(file) {
			t.Errorf("%s uses %s: main has to pass it on", name, found)
		}
	}
}

// sources are the module's files but for tests, by their slashed path.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		if entry.IsDir() && (base == "testdata" || base != "." && base[0] == '.') {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		files[filepath.ToSlash(name)] = file
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// ruleFolder is the nearest folder at or above dir that has a rule; the top
// level's rule is for the top level alone.
func ruleFolder(dir string) string {
	for folder := dir; folder != "."; folder = path.Dir(folder) {
		if _, ok := importRules[folder]; ok {
			return folder
		}
	}
	return dir
}

func imports(file *ast.File) []string {
	var paths []string
	for _, spec := range file.Imports {
		if imported, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, imported)
		}
	}
	return paths
}

func under(imported string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return imported == root || strings.HasPrefix(imported, root+"/")
	})
}

// surroundings are the uses of mainOnly in file.
func surroundings(file *ast.File) []string {
	var found []string
	names := importNames(file)
	ast.Inspect(file, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if pkg, ok := selector.X.(*ast.Ident); ok && slices.Contains(mainOnly[names[pkg.Name]], selector.Sel.Name) {
			found = append(found, pkg.Name+"."+selector.Sel.Name)
		}
		return true
	})
	return found
}

// importNames maps the names of imported packages in file to their paths.
func importNames(file *ast.File) map[string]string {
	names := map[string]string{}
	for n, imported := range imports(file) {
		name := path.Base(imported)
		if alias := file.Imports[n].Name; alias != nil {
			name = alias.Name
		}
		names[name] = imported
	}
	return names
}
