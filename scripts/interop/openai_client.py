"""OpenAI's own Python client against a server, for test/interop/openai-client.test.ts.

usage: python scripts/interop/openai_client.py base_url

Prints one JSON object of what the client made of the answers.
"""

import json
import sys

import openai

SPECIFICATION = (
    "Write an 8-bit adder named add8 with inputs a and b (8 bits each), carry input cin, output sum (8 bits) and carry output cout."
)
MESSAGES = [{"role": "user", "content": SPECIFICATION}]


def error_of(call):
    try:
        call()
    except openai.APIStatusError as error:
        return [type(error).__name__, error.status_code, error.code, error.param]
    return None


def main(base_url):
    client = openai.OpenAI(base_url=base_url, api_key="none", max_retries=0)
    whole = client.chat.completions.create(model="meshwright", messages=MESSAGES)
    chunks = list(client.chat.completions.create(model="base", messages=MESSAGES, stream=True, stream_options={"include_usage": True}))
    verified = client.chat.completions.create(model="base", messages=MESSAGES, extra_body={"meshwright": {"verify": True}})
    several = client.completions.create(model="base", prompt="module m", n=2, seed=3, max_tokens=5, temperature=1)
    left = client.chat.completions.create(model="base", messages=MESSAGES, stream=True)
    next(iter(left))
    left.close()
    print(json.dumps({
        "models": [model.id for model in client.models.list()],
        "text": whole.choices[0].message.content,
        "finish": whole.choices[0].finish_reason,
        "tokens": whole.usage.completion_tokens,
        "streamed": "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices),
        "streamedTokens": chunks[-1].usage.completion_tokens,
        "acceptedTokens": whole.usage.completion_tokens_details.accepted_prediction_tokens,
        "verdict": verified.meshwright["verdict"]["outcome"],
        "several": [choice.finish_reason for choice in several.choices],
        "errors": {
            "model": error_of(lambda: client.chat.completions.create(model="gpt-4", messages=MESSAGES)),
            "range": error_of(lambda: client.chat.completions.create(model="base", messages=MESSAGES, n=99)),
            "context": error_of(lambda: client.completions.create(model="base", prompt="word " * 5000)),
            "json": error_of(lambda: client.chat.completions.create(model="base", messages=MESSAGES, response_format={"type": "json_object"})),
        },
    }))


main(sys.argv[1])
