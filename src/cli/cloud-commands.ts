import type { CAC } from 'cac';
import type { Environment } from './environment.ts';

export type Flags = Readonly<Record<string, string | number | boolean | undefined>>;

/** How the command line reads its flags; a wrong one throws. */
export interface FlagReader {
  text(flags: Flags, name: string): string | null;
  number(flags: Flags, name: string, min: number, max: number): number | null;
  environment(flags: Flags): Environment;
}

/** Commands about who is who between stores and the cloud. */
export function defineCloudCommands(cli: CAC, { text, number, environment }: FlagReader): void {
  const authorityOf = (flags: Flags) => text(flags, 'authority') ?? 'data/authority';
  cli
    .command('token <gln>', 'Print a token with which the gateway of a store enrols, once')
    .option(
      '--authority <folder>',
      "The chain's authority, founded when it is missing (default: data/authority)",
    )
    .option('--hours <number>', 'How long it is good (default: 24)')
    .example('  aisle token 9521321000018 --authority /etc/aisle/authority')
    .action(async (gln: string, flags: Flags) => {
      const { printToken } = await import('./authority.ts');
      await printToken(
        authorityOf(flags),
        String(gln),
        number(flags, 'hours', 0.01, 8760) ?? 24,
        environment(flags),
      );
    });
  cli
    .command('certificate <kind> <name>', 'Make a key and a certificate for a shop system or an operator')
    .option('--authority <folder>', "The chain's authority (default: data/authority)")
    .example('  aisle certificate shop web-shop')
    .action(async (kind: string, name: string, flags: Flags) => {
      if (kind !== 'shop' && kind !== 'operator') throw new Error(`kind ${kind}: give shop or operator`);
      const { issueHolder } = await import('./authority.ts');
      await issueHolder(authorityOf(flags), kind, name, environment(flags));
    });
  cli
    .command('enrol <site>', 'Get the certificate of a store from the hub')
    .option('--cloud <address>', "host:port of the hub's enrolment")
    .option('--token <token>', 'As printed by aisle token; valid once')
    .option('--trust <file>', "The authority's root.pem; without it the hub is believed at first sight")
    .option('--data <folder>', 'Where the state of the gateway lives (default: data/<site>)')
    .example('  aisle enrol edge-config/demo --cloud hub.example.net:50052 --token <token> --trust root.pem')
    .action(async (site: string, flags: Flags) => {
      const { enrolStore } = await import('./enrol.ts');
      const [cloud, token] = [text(flags, 'cloud'), text(flags, 'token')];
      if (cloud === null || token === null) throw new Error('give --cloud and --token');
      const options = { data: text(flags, 'data'), cloud, token, authority: text(flags, 'trust') };
      await enrolStore(site, options, environment(flags));
    });
  cli
    .command('replay', 'Send events to the cloud again that it could not use, and print what it took')
    .option('--http <address>', 'The running gateway (default: http://127.0.0.1:8080)')
    .option('--seq <numbers>', 'Only these events, separated by commas (default: the oldest 500)')
    .option('--json', 'One line of JSON')
    .example('  aisle replay --seq 1042,1043')
    .action(async (flags: Flags) => {
      const { replayDeadLetters } = await import('./replay.ts');
      const http = text(flags, 'http') ?? 'http://127.0.0.1:8080';
      const options = { http, seqs: seqsOf(text(flags, 'seq')), json: flags.json === true };
      return await replayDeadLetters({ ...options, print: environment(flags).print });
    });
  cli
    .command('receipt <site>', 'What became of the events of each outage; the gateway must not be running')
    .option('--data <folder>', 'Where the state of the gateway lives (default: data/<site>)')
    .option('--json', 'One line of JSON')
    .example('  aisle receipt edge-config/demo')
    .action(async (site: string, flags: Flags) => {
      const { printReceipts } = await import('./receipt.ts');
      printReceipts(site, { data: text(flags, 'data'), json: flags.json === true }, environment(flags));
    });
}

function seqsOf(list: string | null): readonly number[] | null {
  if (list === null) return null;
  const seqs = list.split(',').map(Number);
  if (seqs.every(seq => Number.isInteger(seq) && seq > 0)) return seqs;
  throw new Error(`--seq ${list}: give numbers of events, separated by commas`);
}
