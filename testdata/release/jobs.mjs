// Has the TypeScript libraries do a whole job with what a person has installed:
//   jobs.mjs CONFIG BUNDLE
// CONFIG is the configuration of Claude Desktop, and BUNDLE the unpacked bundle,
// whose form has been filled in to use the simulated account.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { getMcpConfigForManifest } from '../../.release/node_modules/@anthropic-ai/mcpb/dist/shared/config.js';
import { wholeJob } from '../clients/job.mjs';
import { libraries } from '../clients/libraries.mjs';

const [config, bundle] = process.argv.slice(2);
const starts = {
  'the entry of Claude Desktop': readJSON(config).mcpServers.browseract,
  'the bundle': await getMcpConfigForManifest({
    manifest: readJSON(join(bundle, 'manifest.json')),
    extensionPath: resolve(bundle),
    systemDirs: {},
    userConfig: { simulator: true },
    pathSeparator: '/',
  }),
};

const rows = Object.entries(starts).flatMap(([name, start]) =>
  libraries.map((library) => ({ name: `${name}, ${library.name}, ${library.revision}`, library, start })));
const results = await Promise.all(rows.map(run));
rows.forEach(({ name }, i) => console.log(`${name}: ${results[i]}`));
process.exitCode = results.every((result) => result === 'pass') ? 0 : 1;

async function run({ name, library, start: { command, args, env } }) {
  try {
    const client = await library.connect({ command: [command, ...args], env });
    await wholeJob(client, name).finally(client.close);
    return 'pass';
  } catch (error) {
    return `FAIL: ${error.message}`;
  }
}

function readJSON(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
