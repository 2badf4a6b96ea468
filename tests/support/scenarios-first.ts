import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Scenarios wait for a whole store in real time: begun first, they cost the others' time and none of their own. */
export default class ScenariosFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification) => (moduleId.includes('/scenarios/') ? 0 : 1);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
