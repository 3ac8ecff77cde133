import { compareAnswers } from './answers.ts'
import { openLink } from './link.ts'
import { countOnTheWire } from './on-the-wire.ts'
import { openPeers } from './peers.ts'
import { type RaceOptions, race } from './race.ts'
import type { Measured, Result } from './result.ts'
import type { Entry } from './workloads.ts'

/**
 * Compares the answers of a workload's contenders, counts what they send, and races them.
 *
 * @returns one result for each concurrency, each as soon as it is there
 * @throws {DifferentAnswersError} if the contenders do not do the same
 */
export async function* compete(
  entry: Entry,
  url: string,
  options: RaceOptions,
): AsyncGenerator<Result> {
  if (entry.roundTripMs === undefined) {
    yield* competeAt(entry, url, options)
    return
  }
  await using link = await openLink(url, { oneWayMs: entry.roundTripMs / 2 })
  for await (const result of competeAt(entry, link.url, options)) {
    yield { ...result, contenders: result.contenders.map(withoutCpu) }
  }
}

async function* competeAt(
  { create }: Entry,
  url: string,
  options: RaceOptions,
): AsyncGenerator<Result> {
  await using peers = openPeers(url)
  const workload = create(peers)
  await compareAnswers(workload)
  await workload.reset?.()
  const sent = workload.streams ? [] : await countOnTheWire(create, url)
  for (const concurrency of workload.concurrency) {
    const standings = await race(workload, concurrency, options)
    const contenders = standings.map((standing) => ({
      ...standing,
      ...sent.find(({ contender }) => contender === standing.contender),
    }))
    yield { workload: workload.name, concurrency, contenders }
  }
}

/** The link runs in this process too and waits busily, so that CPU says nothing about a contender. */
function withoutCpu({ cpuUs: _cpuUs, cpuRatio: _cpuRatio, ...rest }: Measured): Measured {
  return { ...rest, ...(rest.ratio !== undefined && { timeRatio: 1 / rest.ratio }) }
}
