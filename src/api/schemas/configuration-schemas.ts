import Type, { type TSchema } from 'typebox';

const nullable = (schema: TSchema, description: string) => Type.Union([schema, Type.Null()], { description });
const text = (description: string) => Type.String({ description });

/** Describes ConfigurationView in openapi.json. */
export const Configuration: TSchema = Type.Object(
  {
    source: text("files: the store's own; cloud: a signed version"),
    version: Type.Integer({ description: 'version of the cloud; 0 for the files' }),
    hash: text('SHA-256 over everything that is in force; the cloud hears the same'),
    sinceMs: nullable(Type.Integer(), 'since when, Unix ms; null while nothing but the files was in force'),
    confirmed: Type.Boolean({ description: 'false while the store watches itself under new policies' }),
    watchedUntilMs: nullable(Type.Integer(), 'end of the watch, Unix ms'),
    wentBack: nullable(
      Type.Object({ fromVersion: Type.Integer(), reason: text('one sentence for a person') }),
      'the version that the store left by itself, and why',
    ),
    priceList: nullable(Type.String(), 'name of the price list in force'),
    policies: Type.Record(Type.String(), Type.Unknown(), {
      description: 'the policies in force, as in site.yaml',
    }),
    differences: Type.Array(
      Type.Object({
        path: text('such as stock.safetyStock'),
        files: text('what site.yaml says, as JSON'),
        inForce: text('what is in force, as JSON'),
      }),
      { description: "where the policies in force are others than those of the store's own files" },
    ),
  },
  { title: 'Configuration' },
);
