package clients

import (
	"errors"
	"strings"
)

// A Machine is what the place of a configuration depends on.
type Machine struct {
	// OS is the system, as runtime.GOOS has it: windows, darwin, or another that
	// is like linux.
	OS string
	// Getenv returns a variable of the environment, "" if it is not set.
	Getenv func(string) string
	// Dir is the folder of the project.
	Dir string
	// Exists reports whether there is a file or folder of that path.
	Exists func(path string) bool
}

// A place is where a configuration may be.
type place struct {
	file string
	// sign is a file or folder that is there where this is the place.
	sign string
}

// choose returns the first place whose sign is there, else the last.
func (m Machine) choose(places []place) place {
	for _, p := range places {
		if m.Exists(p.sign) {
			return p
		}
	}
	return places[len(places)-1]
}

// join joins a folder and a slashed path as the machine's system does.
func (m Machine) join(folder, path string) string {
	if m.OS != "windows" {
		return strings.TrimRight(folder, "/") + "/" + path
	}
	return strings.TrimRight(folder, `\/`) + `\` + strings.ReplaceAll(path, "/", `\`)
}

// absolute returns a variable that holds an absolute path, "" for others: those
// are not followed by the programs that read them.
func (m Machine) absolute(variable string) string {
	path := m.Getenv(variable)
	if m.OS == "windows" || strings.HasPrefix(path, "/") {
		return path
	}
	return ""
}

// home is the user's folder.
func (m Machine) home() (string, error) {
	variable := "HOME"
	if m.OS == "windows" {
		variable = "USERPROFILE"
	}
	switch folder := m.Getenv(variable); {
	case folder == "":
		return "", errors.New(variable + " is not set, so the client's configuration cannot be found; name it with --client-config")
	case m.OS != "windows" && !strings.HasPrefix(folder, "/"):
		// It would be a place in the folder of this call.
		return "", errors.New(variable + " is no absolute path, so the client's configuration cannot be found; name it with --client-config")
	default:
		return folder, nil
	}
}

// dotConfig is the folder for the configuration of programs that follow the XDG
// convention on every system.
func (m Machine) dotConfig() (string, error) {
	if folder := m.absolute("XDG_CONFIG_HOME"); folder != "" {
		return folder, nil
	}
	home, err := m.home()
	return m.join(home, ".config"), err
}

// appData is the folder for the configuration of programs that follow each
// system's own convention.
func (m Machine) appData() (string, error) {
	switch m.OS {
	case "windows":
		if folder := m.Getenv("APPDATA"); folder != "" {
			return folder, nil
		}
		home, err := m.home()
		return m.join(home, "AppData/Roaming"), err
	case "darwin":
		home, err := m.home()
		return m.join(home, "Library/Application Support"), err
	}
	return m.dotConfig()
}

// inHome is a configuration at one path below the user's folder, or below the
// folder that a variable names instead; the sign is its folder.
func inHome(folder, file string, instead ...string) func(Machine) ([]place, error) {
	return func(m Machine) ([]place, error) {
		for _, variable := range instead {
			if other := m.Getenv(variable); other != "" {
				return []place{{m.join(other, file), other}}, nil
			}
		}
		home, err := m.home()
		folder := m.join(home, folder)
		return []place{{m.join(folder, file), folder}}, err
	}
}

// inAppData is a configuration at one path in the folder appData.
func inAppData(folder, file string) func(Machine) ([]place, error) {
	return func(m Machine) ([]place, error) {
		data, err := m.appData()
		folder := m.join(data, folder)
		return []place{{m.join(folder, file), folder}}, err
	}
}

// claudeDesktopPlaces has one more for Windows: to the program that comes as a
// package the system shows a folder of its own.
func claudeDesktopPlaces(m Machine) ([]place, error) {
	places, err := inAppData("Claude", "claude_desktop_config.json")(m)
	if local := m.Getenv("LOCALAPPDATA"); m.OS == "windows" && local != "" {
		packaged := m.join(local, "Packages/Claude_pzs8sxrjxfjjc")
		places = append([]place{{m.join(packaged, "LocalCache/Roaming/Claude/claude_desktop_config.json"), packaged}}, places...)
	}
	return places, err
}

// claudeCodePlaces is a file beside the client's folder, or in another that is named.
func claudeCodePlaces(m Machine) ([]place, error) {
	if folder := m.Getenv("CLAUDE_CONFIG_DIR"); folder != "" {
		return []place{{m.join(folder, ".claude.json"), folder}}, nil
	}
	home, err := m.home()
	return []place{{m.join(home, ".claude.json"), m.join(home, ".claude")}}, err
}

// geminiCLIPlaces is in the user's folder, or in another that takes its place.
func geminiCLIPlaces(m Machine) ([]place, error) {
	home := m.Getenv("GEMINI_CLI_HOME")
	if home == "" {
		var err error
		if home, err = m.home(); err != nil {
			return nil, err
		}
	}
	folder := m.join(home, ".gemini")
	return []place{{m.join(folder, "settings.json"), folder}}, nil
}

// zedPlaces follows the system on Windows and the XDG convention on Linux, where
// a sandbox tells what holds outside of it.
func zedPlaces(m Machine) ([]place, error) {
	if m.OS == "windows" {
		return inAppData("Zed", "settings.json")(m)
	}
	folder, err := m.dotConfig()
	if m.OS == "darwin" {
		home, homeErr := m.home()
		folder, err = m.join(home, ".config"), homeErr
	} else if outside := m.Getenv("FLATPAK_XDG_CONFIG_HOME"); outside != "" {
		folder, err = outside, nil
	}
	folder = m.join(folder, "zed")
	return []place{{m.join(folder, "settings.json"), folder}}, err
}

// clinePlaces is one file for all of Cline's programs; older ones kept it in VS Code.
func clinePlaces(m Machine) ([]place, error) {
	if file := m.Getenv("CLINE_MCP_SETTINGS_PATH"); file != "" {
		return []place{{file, file}}, nil
	}
	const settings = "settings/cline_mcp_settings.json"
	if folder := m.Getenv("CLINE_DATA_DIR"); folder != "" {
		return []place{{m.join(folder, settings), folder}}, nil
	}
	shared, err := inHome(".cline", "data/"+settings, "CLINE_DIR")(m)
	if err != nil {
		return nil, err
	}
	older, err := inAppData("Code/User/globalStorage/saoudrizwan.claude-dev", settings)(m)
	return append(shared, older[0], shared[0]), err
}

// goosePlaces follows the XDG convention, and the system on Windows.
func goosePlaces(m Machine) ([]place, error) {
	if m.OS == "windows" {
		return inAppData("Block/goose/config", "config.yaml")(m)
	}
	folder, err := m.dotConfig()
	folder = m.join(folder, "goose")
	return []place{{m.join(folder, "config.yaml"), folder}}, err
}

// openCodePlaces are two files that are both read; what is there is changed.
func openCodePlaces(m Machine) ([]place, error) {
	folder, err := m.dotConfig()
	folder = m.join(folder, "opencode")
	plain, commented := m.join(folder, "opencode.json"), m.join(folder, "opencode.jsonc")
	return []place{{plain, plain}, {commented, commented}, {plain, folder}}, err
}
