cask "browseract-mcp" do
  version "{{.}}"

  on_macos do
    on_intel do
      url "https://github.com/browseract/browseract-mcp/releases/download/v#{version}/browseract-mcp_#{version}_darwin_amd64.tar.gz"
      sha256 "{{sum "darwin_amd64"}}"
    end
    on_arm do
      url "https://github.com/browseract/browseract-mcp/releases/download/v#{version}/browseract-mcp_#{version}_darwin_arm64.tar.gz"
      sha256 "{{sum "darwin_arm64"}}"
    end
  end
  on_linux do
    on_intel do
      url "https://github.com/browseract/browseract-mcp/releases/download/v#{version}/browseract-mcp_#{version}_linux_amd64.tar.gz"
      sha256 "{{sum "linux_amd64"}}"
    end
    on_arm do
      url "https://github.com/browseract/browseract-mcp/releases/download/v#{version}/browseract-mcp_#{version}_linux_arm64.tar.gz"
      sha256 "{{sum "linux_arm64"}}"
    end
  end

  name "browseract-mcp"
  desc "MCP server for BrowserAct browser automations"
  homepage "https://www.browseract.com"

  livecheck do
    skip "each release writes this file"
  end

  binary "browseract-mcp"
  bash_completion "completions/browseract-mcp.bash"
  zsh_completion "completions/browseract-mcp.zsh"
  fish_completion "completions/browseract-mcp.fish"

  postflight do
    # The program is not notarized; macOS would refuse to start it.
    system_command "/usr/bin/xattr", args: ["-dr", "com.apple.quarantine", "#{staged_path}/browseract-mcp"] if OS.mac?
  end
end
