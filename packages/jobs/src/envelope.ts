import type { JobContract } from './contract.ts'
import { JobError } from './job-error.ts'
import { placesOf } from './standard-schema.ts'

/** What travels: the payload and the version of the contract that it was written for. */
export interface Envelope {
  readonly v: number
  readonly payload: unknown
}

/**
 * Wraps a payload as the worker will see it, that is after a round trip through JSON, and checks
 * that form.
 *
 * @throws {JobError} `JOB_PAYLOAD_INVALID`
 */
export async function seal<Input, Output>(
  contract: JobContract<Input, Output>,
  payload: Input,
): Promise<Envelope> {
  const sent = throughJson(contract, payload)
  await validate(contract, sent)
  return { v: contract.version, payload: sent }
}

/**
 * The payload of an envelope as the contract's schema gives it out.
 *
 * @throws {JobError} `JOB_PAYLOAD_INVALID`; `JOB_VERSION_UNKNOWN` for a version that the contract
 *   cannot read
 */
export async function open<Input, Output>(
  contract: JobContract<Input, Output>,
  envelope: unknown,
): Promise<Output> {
  const { v, payload } = envelopeOf(contract, envelope)
  if (v === contract.version) return validate(contract, payload)
  if (v > contract.version || contract.upcast === undefined) throw unknownVersion(contract, v)
  return validate(contract, contract.upcast(payload, v))
}

function envelopeOf(contract: Pick<JobContract<never>, 'name'>, data: unknown): Envelope {
  const isEnvelope =
    typeof data === 'object' &&
    data !== null &&
    'payload' in data &&
    'v' in data &&
    Number.isInteger(data.v)
  if (isEnvelope) return data as Envelope
  throw new JobError(
    'JOB_PAYLOAD_INVALID',
    `job ${contract.name} has no envelope { v, payload }: it was not enqueued by jobs.enqueue()`,
  )
}

function unknownVersion(
  contract: Pick<JobContract<never>, 'name' | 'version'>,
  found: number,
): JobError {
  const advice =
    found > contract.version ? 'run a newer worker' : 'give the contract an `upcast` that reads it'
  return new JobError(
    'JOB_VERSION_UNKNOWN',
    `job ${contract.name} has version ${found} and this process knows version ` +
      `${contract.version}: ${advice}`,
  )
}

function throughJson(contract: Pick<JobContract<never>, 'name'>, payload: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(payload), storable)
  } catch (cause) {
    throw new JobError(
      'JOB_PAYLOAD_INVALID',
      `the payload of job ${contract.name} cannot be kept as JSON`,
      { cause },
    )
  }
}

/**
 * PostgreSQL keeps no NUL and no half of a surrogate pair; refused here, they do not fail the
 * caller's COMMIT.
 */
function storable(key: string, value: unknown): unknown {
  for (const text of [key, value]) {
    if (typeof text === 'string' && (text.includes('\0') || !text.isWellFormed())) {
      throw new TypeError('a text holds a NUL or half of a surrogate pair')
    }
  }
  return value
}

async function validate<Input, Output>(
  contract: JobContract<Input, Output>,
  payload: unknown,
): Promise<Output> {
  const result = await contract.schema['~standard'].validate(payload)
  if (result.issues === undefined) return result.value
  throw new JobError(
    'JOB_PAYLOAD_INVALID',
    `the payload of job ${contract.name} (version ${contract.version}) does not fit its schema ` +
      `at ${placesOf(result.issues)}`,
  )
}
