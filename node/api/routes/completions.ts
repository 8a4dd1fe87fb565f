import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import { chatForm, completionForm } from '../answer.js'
import type { AnswerForm } from '../answer.js'
import { complete } from '../complete.js'
import type { Context } from '../context.js'
import { parseBody } from '../fields.js'
import { planChat, planCompletion } from '../plan.js'
import type { Plan } from '../plan.js'
import { chatSchema, completionSchema } from '../requests.js'
import type { CommonRequest } from '../requests.js'

/** `/v1/chat/completions` and `/v1/completions`. */
export function completionRoutes(app: FastifyInstance, context: Context): void {
  const answer = async (plan: Plan, form: AnswerForm, reply: FastifyReply): Promise<object | FastifyReply> => await complete(plan, form, reply, context) ?? reply
  app.post('/v1/chat/completions', (request, reply) => {
    const body = parseBody(chatSchema, request.body)
    return answer(planChat(body, context.engine, callerOf(request, body)), chatForm, reply)
  })
  app.post('/v1/completions', (request, reply) => {
    const body = parseBody(completionSchema, request.body)
    return answer(planCompletion(body, context.engine, callerOf(request, body)), completionForm, reply)
  })
}

/** Several users may share one key. */
function callerOf({ client }: FastifyRequest, { user, safety_identifier: identifier = user }: Pick<CommonRequest, 'user' | 'safety_identifier'>): string {
  return identifier === undefined ? client : `${client} ${identifier}`
}
