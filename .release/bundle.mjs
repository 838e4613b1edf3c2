// Packs the bundle for desktop clients, and writes the entry for the MCP registry,
// which holds the bundle's hash:
//   bundle.mjs VERSION DIST
// DIST is the folder that ./make has built the programs into.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const [version, dist] = process.argv.slice(2);
const here = import.meta.dirname;
const top = resolve(here, '..');
const bundle = `browseract-mcp_${version}.mcpb`;

// A bundle has one program for each system, since it cannot choose by processor.
const programs = {
  'server/darwin/browseract-mcp': 'darwin_all/browseract-mcp',
  'server/win32/browseract-mcp.exe': 'windows_amd64/browseract-mcp.exe',
  'server/linux/browseract-mcp': 'linux_amd64/browseract-mcp',
};

pack(join(dist, bundle));
const sha256 = createHash('sha256').update(readFileSync(join(dist, bundle))).digest('hex');
writeJSON(join(dist, 'server.json'), template('server.json', { version, bundle, sha256 }));

function pack(path) {
  const stage = join(dist, 'bundle');
  for (const [to, from] of Object.entries(programs)) cpSync(join(dist, from), join(stage, to));
  for (const file of ['LICENSE', 'README.md']) cpSync(join(top, file), join(stage, file));
  cpSync(join(dist, 'licenses'), join(stage, 'licenses'), { recursive: true });
  writeJSON(join(stage, 'manifest.json'), { ...template('manifest.json', { version }), tools: tools() });
  mcpb('validate', join(stage, 'manifest.json'));
  mcpb('pack', stage, path);
  rmSync(stage, { recursive: true });
}

// tools are those that the server offers by default, for the page that a client
// shows before it installs the bundle.
function tools() {
  const env = { ...process.env, CGO_ENABLED: '0' }; // as ./make has built it already
  const list = JSON.parse(execFileSync('go', ['run', '-trimpath', '.', 'tools', '--json'], { cwd: top, env }));
  return list.tools.map(({ name, description }) => ({ name, description }));
}

// template reads a JSON file beside this one and fills in its {{names}}.
function template(file, values) {
  const text = readFileSync(join(here, file), 'utf8');
  return JSON.parse(text.replaceAll(/\{\{(\w+)\}\}/g, (_, name) => values[name]));
}

function writeJSON(path, value) {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

function mcpb(...args) {
  execFileSync(join(here, 'node_modules/.bin/mcpb'), args, { stdio: 'inherit' });
}
