// Has each TypeScript library do both jobs over both transports, all at once:
//   typescript.mjs FAST-URL SLOW-URL SERVER
// The jobs are distinguished by the keywords of their runs, since those over HTTP
// share one account a server.
import { impatientJob, wholeJob } from './job.mjs';
import { libraries } from './libraries.mjs';

const [fastURL, slowURL, server] = process.argv.slice(2);
const jobs = [
  {
    job: 'whole job', perform: wholeJob,
    targets: { http: { url: fastURL }, stdio: { command: [server, '--simulator'] } },
  },
  {
    job: 'gives up after 5 s', perform: impatientJob,
    targets: { http: { url: slowURL }, stdio: { command: [server, '--simulator', '--simulator-speed', '8'] } },
  },
];

const rows = libraries.flatMap((library) =>
  ['http', 'stdio'].flatMap((transport) => jobs.map((job) => ({ ...library, ...job, transport }))));
const results = await Promise.all(rows.map(run));

rows.forEach(({ name, revision, transport, job }, i) =>
  console.log(`${name}  ${revision}  ${transport.padEnd(9)}  ${job.padEnd(18)}  ${results[i]}`));
process.exitCode = results.every((result) => result === 'pass') ? 0 : 1;

async function run({ name, revision, transport, connect, perform, targets }) {
  try {
    const client = await connect(targets[transport]);
    await perform(client, `${name} ${revision} ${transport}`).finally(client.close);
    return 'pass';
  } catch (error) {
    return `FAIL: ${error.message}`;
  }
}
