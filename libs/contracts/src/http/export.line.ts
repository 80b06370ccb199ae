import { z } from 'zod';
import { storedValue } from '../stored.value.js';
import { instantText } from './fields.js';

export const exportRecord = z
  .object({
    key: z.string().describe('Of the record: the run, or the root of its family; hashed'),
    type: z.string(),
    meta: z.looseObject({}),
    metaBase64: z.string().describe('The bytes of the metadata as stored; hashed'),
    dataBase64: z.string().describe('The bytes of the data as stored; hashed'),
    hash: z
      .string()
      .describe(
        'sha256 over the hash before it, key, type, metadata and data, each with its length; see docs/evidence.md',
      ),
    previous: z.string().optional().describe('Hash of the record it was written behind'),
  })
  .describe('One accepted record, byte for byte, with a readable copy of its metadata')
  .meta({ id: 'ExportRecord' });

export const signedHead = z
  .object({
    head: z.object({
      runId: z.string(),
      seq: z.int().min(0).describe('Of the last event; 0 when there is none yet'),
      hash: z.string().describe('Of the last event; 64 zeros when there is none yet'),
      time: instantText,
      keyId: z.string().describe('`kid` of a key of /v1/keys'),
    }),
    signature: z.string().describe('Ed25519 over the RFC 8785 JSON of `head`, base64'),
  })
  .describe('The last line of an export')
  .meta({ id: 'SignedHead' });

export const exportedValue = z
  .object({
    value: storedValue,
    dataBase64: z.string().describe('Its bytes, JSON; their sha256 is the hash'),
  })
  .describe('A value that a record in front of it names by its hash, and that is kept outside of the log')
  .meta({ id: 'ExportedValue' });

export const exportLine = z.union([exportRecord, exportedValue, signedHead]).meta({ id: 'ExportLine' });
