import type { ClusterRound } from './cluster/round.js'
import type { Voting } from './cluster/voting.js'
import type { Context } from './context.js'
import type { Handlers } from './inbox.js'
import { decodeCarried, openMessage } from './messages/wire.js'
import type { CarriedKind, CarriedPayload, Opened, SealedKind } from './messages/wire.js'
import type { Parts } from './opening.js'

/** Messages of the next round that are kept until this peer gets there. */
const EARLY_AT_MOST = 1024

export interface Routes {
  round(): ClusterRound | undefined
  parts(): Parts | undefined
  hear(heartbeat: Opened<'heartbeat'>): void
  hearJoin(join: Opened<'join'>): void
  hearFarewell(leave: Opened<'leave'>): void
  hearLateVotes(votes: Parameters<Voting['receiveVotes']>[0]): void
}

/** Brings each message to the part that it is for; what is for the next round waits for it, what is for an old one is dropped. */
export class Routing {
  private early: { readonly round: number, readonly deliver: (round: ClusterRound) => void }[] = []

  constructor(private readonly context: Pick<Context, 'network' | 'self' | 'verify'>, private readonly routes: Routes) {}

  /** Hands a new round what came for it too early. */
  catchUp(round: ClusterRound): void {
    const waiting = this.early
    this.early = []
    for (const one of waiting) {
      if (one.round > round.round) this.early.push(one)
      else if (one.round === round.round) this.tryTo(() => one.deliver(round))
    }
  }

  get handlers(): Handlers {
    const { routes } = this
    const levels = (): Parts['levels'] | undefined => routes.parts()?.levels
    return {
      heartbeat: this.sealed('heartbeat', (message) => {
        if (message.peer !== this.context.self) routes.hear(message)
      }),
      manifest: this.sealed('manifest', (message) => {
        // A manifest names its training, and may be late; one of the next training comes with the next round.
        const round = routes.round()
        if (round === undefined) return
        const ahead = message.payload.training - round.gathering.training
        if (ahead <= 0) round.receiveManifest(message)
        else if (ahead === 1) this.inRound(round.round + 1, (later) => later.receiveManifest(message))
      }),
      list: this.sealed('list', (message) => this.inRound(message.payload.round, (round) => round.receiveList(message))),
      closing: this.sealed('closing', (message) => this.inRound(message.payload.round, (round) => round.receiveClosing(message))),
      mark: this.sealed('mark', (message) => this.inRound(message.payload.round, (round) => round.receiveMark(message))),
      audit: this.sealed('audit', (message) => this.inRound(message.payload.round, (round) => round.receiveAudit(message))),
      roster: this.sealed('roster', (message) => this.inRound(message.payload.round, (round) => round.receiveRoster(message))),
      join: this.sealed('join', (message) => { routes.hearJoin(message) }),
      leave: this.sealed('leave', (message) => {
        if (message.peer !== this.context.self) routes.hearFarewell(message)
      }),
      proposal: this.sealed('proposal', (message) => {
        if (message.payload.level > 0) levels()?.receiveProposal(message)
        else this.inRound(message.payload.round, (round) => round.receiveProposal(message))
      }),
      summit: this.sealed('summit', (message) => levels()?.receiveSummit(message)),
      report: this.sealed('report', (message) => levels()?.receiveReport(message)),
      surrender: this.sealed('surrender', (message) => routes.parts()?.reunion.receive(message)),
      votes: this.carried('votes', ({ round: at, instance, votes }) => {
        if (at === (routes.round()?.round ?? 0) - 1) routes.hearLateVotes(votes)
        else this.inRound(at, (round) => round.receiveVotes(instance, votes))
      }),
      shares: this.carried('shares', (payload) => levels()?.receiveShares(payload)),
      certificates: this.carried('certificates', (payload) => levels()?.receiveCertificates(payload)),
    }
  }

  /** Own messages come back by others; after a restart they are news. */
  private sealed<Kind extends SealedKind>(kind: Kind, handle: (message: Opened<Kind>) => void): (body: Uint8Array) => void {
    return (body) => handle(openMessage(body, kind, this.context))
  }

  private carried<Kind extends CarriedKind>(kind: Kind, handle: (payload: CarriedPayload<Kind>) => void): (body: Uint8Array) => void {
    return (body) => handle(decodeCarried(body, kind))
  }

  private inRound(at: number, deliver: (round: ClusterRound) => void): void {
    const round = this.routes.round()
    if (round === undefined || at < round.round || at > round.round + 1) return
    if (at === round.round) {
      if (round.phase !== 'joining') deliver(round)
    } else if (this.early.length < EARLY_AT_MOST) {
      this.early.push({ round: at, deliver })
    }
  }

  private tryTo(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.routes.parts()?.inbox.refuse('an earlier message', 'early', error)
    }
  }
}
