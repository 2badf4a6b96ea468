import type { CAC } from 'cac';
import type { FlagReader, Flags } from '../cloud-commands.ts';
import type { Running } from '../environment.ts';

interface Shell extends FlagReader {
  /** Runs until it is stopped. */
  serve(start: () => Promise<Running>): Promise<void>;
}

const DEFAULT_CLOUD = '127.0.0.1:50051';

/** Commands about many stores at once. */
export function defineFleetCommands(cli: CAC, { text, number, environment, serve }: Shell): void {
  cli
    .command('fleet', 'Simulate many gateways against a hub, for trying rollouts')
    .option('--gateways <number>', 'How many (default: 1000)')
    .option('--cloud <address>', `host:port of the hub (default: ${DEFAULT_CLOUD})`)
    .option('--authority <folder>', "The chain's authority, which certifies them; without it in the clear")
    .option('--defect <number>', 'Every new configuration makes one store of so many sick')
    .option('--seed <number>', 'Which ones; the same seed takes the same (default: 1)')
    .option('--json', 'Machine-readable output')
    .example('  aisle fleet --authority data/authority --defect 20')
    .action(async (flags: Flags) => {
      const { runFleet } = await import('./fleet.ts');
      const command = {
        gateways: number(flags, 'gateways', 1, 20_000) ?? 1_000,
        cloud: text(flags, 'cloud') ?? DEFAULT_CLOUD,
        authority: text(flags, 'authority'),
        defect: number(flags, 'defect', 1, 1_000_000),
        seed: number(flags, 'seed', 0, 2 ** 32 - 1) ?? 1,
        json: flags.json === true,
      };
      await serve(() => runFleet(command, environment(flags)));
    });
  defineRollout(cli, { text, number, environment });
}

function defineRollout(cli: CAC, { text, number, environment }: FlagReader): void {
  cli
    .command('rollout <action> [id]', 'Changes for many stores, in stages: start, list, show, halt, drift')
    .option('--policies <file>', 'start: the policies section of a site file, as JSON')
    .option('--prices <file>', 'start: instead of policies, a file with the columns gtin,priceMinor')
    .option('--list <name>', 'start: name of the price list (default: the id)')
    .option('--stores <glns>', 'start: these stores, separated by commas (default: all)')
    .option('--soak <seconds>', 'start: how long each stage is watched (default: 86400)')
    .option('--reason <sentence>', 'halt: why')
    .option('--cloud <address>', `host:port of the hub (default: ${DEFAULT_CLOUD})`)
    .option('--certificate <file>', "An operator's certificate (.pem), with its key (.key) beside it")
    .option('--trust <file>', "The authority's root.pem")
    .option('--json', 'Machine-readable output')
    .example(
      '  aisle rollout start winter --policies winter.json --certificate operator-ann.pem --trust root.pem',
    )
    .example(
      '  aisle rollout halt winter --reason "wrong season" --certificate operator-ann.pem --trust root.pem',
    )
    .action(async (action: string, id: string | undefined, flags: Flags) => {
      const commands = await import('./rollout.ts');
      const tools = environment(flags);
      const access = {
        cloud: text(flags, 'cloud') ?? DEFAULT_CLOUD,
        certificate: text(flags, 'certificate'),
        trust: text(flags, 'trust'),
        json: flags.json === true,
      };
      if (action === 'list') return commands.listRollouts(access, tools);
      if (action === 'drift') return commands.listDrift(access, tools);
      if (action !== 'start' && action !== 'show' && action !== 'halt') {
        throw new Error(`rollout ${action}: give start, list, show, halt or drift`);
      }
      if (id === undefined) throw new Error(`rollout ${action}: give the id of a rollout`);
      if (action === 'show') return commands.showRollout(access, String(id), tools);
      const reason = text(flags, 'reason');
      if (action === 'halt') {
        if (reason === null) throw new Error('rollout halt: say why with --reason');
        return commands.haltRollout(access, String(id), reason, tools);
      }
      const rollout = {
        id: String(id),
        policies: text(flags, 'policies'),
        prices: text(flags, 'prices'),
        list: text(flags, 'list'),
        stores: text(flags, 'stores')?.split(',') ?? [],
        soakSeconds: number(flags, 'soak', 10, 30 * 86_400) ?? 0,
      };
      return commands.startRollout(access, rollout, tools);
    });
}
