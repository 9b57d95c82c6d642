"""What went wrong between here and TWS, and what to do about it."""

from typing import Final

from tws.wording.forms import Form

_MANY: Final = (
    Form("jobs", "jobs"),
    Form("job streams", "job streams"),
    Form("workstations", "estações de trabalho"),
    Form("resources", "recursos"),
)
_ONE: Final = (
    Form("job", "o job"),
    Form("job stream", "o job stream"),
    Form("workstation", "a estação de trabalho"),
    Form("resource", "o recurso"),
)
# What was asked for.
WHAT: Final = (
    Form("the engine's description", "a descrição do motor"),
    Form("the state of the plan", "o estado do plano"),
    Form("the issues of jobs", "os problemas dos jobs"),
    Form("the list of critical jobs", "a lista de jobs críticos"),
    Form("the list of {things:form}", "a lista de {things}", _MANY),
    Form("the count of {things:form}", "a contagem de {things}", _MANY),
    Form("the log of the job run with id {id}", "o log da execução com id {id}"),
    Form(
        "the health of the workstation with id {id}",
        "o estado da estação de trabalho com id {id}",
    ),
    Form(
        "the predecessors of the {thing:form} with id {id}",
        "os predecessores: {thing} com id {id}",
        _ONE,
    ),
    Form(
        "the successors of the {thing:form} with id {id}",
        "os sucessores: {thing} com id {id}",
        _ONE,
    ),
    Form("the {thing:form} with id {id}", "{thing} com id {id}", _ONE),
)
_EXAMPLE: Final = "TWS_URL should look like https://master.example.com:31116/twsd."
_EXEMPLO: Final = "TWS_URL deve ser como https://master.example.com:31116/twsd."

SENTENCES: Final = (
    # Who answers, and whether.
    Form(
        "{base} answers, but TWS behind it does not ({status:number}).",
        "{base} responde, mas o TWS por trás dele não ({status}).",
    ),
    Form(
        "{base} answered with an HTML page instead of {what:form}.",
        "{base} respondeu com uma página HTML em vez do que se pediu: {what}.",
        WHAT,
    ),
    Form(
        "{base} sends us on to {where} ({status:number}); this is not TWS.",
        "{base} redireciona para {where} ({status}); isso não é o TWS.",
    ),
    Form(
        "{base} did not take a connection within {seconds:word} s.",
        "{base} não aceitou uma conexão em {seconds} s.",
    ),
    Form(
        "TWS gave no answer within {seconds:word} s.",
        "O TWS não respondeu em {seconds} s.",
    ),
    Form("TWS does not answer.", "O TWS não responde."),
    Form(
        "The host name in {base} is not known.",
        "O nome do servidor em {base} não é conhecido.",
    ),
    Form(
        "Nothing listens at {base}: the connection was refused.",
        "Nada escuta em {base}: a conexão foi recusada.",
    ),
    Form("{base} cannot be reached.", "Não é possível alcançar {base}."),
    Form(
        "{base} closed the connection before its answer was complete.",
        "{base} fechou a conexão antes de completar a resposta.",
    ),
    # Who asks, and what may be read.
    Form("TWS refused the API key (401).", "O TWS recusou a chave de API (401)."),
    Form(
        "TWS refused the password of user {user} (401).",
        "O TWS recusou a senha do usuário {user} (401).",
    ),
    Form(
        "TWS wants to know who asks (401).",
        "O TWS quer saber quem pergunta (401).",
    ),
    Form(
        "User {user} may not read {what:form} ({status:number})[: “{said}”].",
        "O usuário {user} não pode ler {what} ({status})[: “{said}”].",
        WHAT,
    ),
    Form(
        "The owner of the API key may not read {what:form} ({status:number})"
        "[: “{said}”].",
        "O dono da chave de API não pode ler {what} ({status})[: “{said}”].",
        WHAT,
    ),
    Form(
        "A caller without a user may not read {what:form} ({status:number})"
        "[: “{said}”].",
        "Quem não informa um usuário não pode ler {what} ({status})[: “{said}”].",
        WHAT,
    ),
    Form(
        "TWS does not have {what:form} ({status:number})[: “{said}”].",
        "O TWS não tem {what} ({status})[: “{said}”].",
        WHAT,
    ),
    Form(
        "There is no API of TWS at {base} (404)[: “{said}”].",
        "Não há API do TWS em {base} (404)[: “{said}”].",
    ),
    Form(
        "TWS did not accept the filter (400)[: “{said}”].",
        "O TWS não aceitou o filtro (400)[: “{said}”].",
    ),
    Form(
        "TWS declined to give {what:form} ({status:number})[: “{said}”].",
        "O TWS se recusou a fornecer {what} ({status})[: “{said}”].",
        WHAT,
    ),
    Form(
        "TWS failed inside ({status:number})[: “{said}”].",
        "O TWS falhou internamente ({status})[: “{said}”].",
    ),
    # Answers that cannot be used.
    Form(
        "The answer of TWS is compressed, which was not asked for.",
        "A resposta do TWS está comprimida, o que não foi pedido.",
    ),
    Form(
        "The answer of TWS is larger than {size:number} MB.",
        "A resposta do TWS tem mais de {size} MB.",
    ),
    Form(
        "The answer of TWS could not be understood: {problem}.",
        "A resposta do TWS não pôde ser entendida: {problem}.",
    ),
    Form(
        "The answer of TWS is no list: results should be a list.",
        "A resposta do TWS não é uma lista: results deveria ser uma lista.",
    ),
    Form(
        "The answer of TWS is nested too deeply to be read.",
        "A resposta do TWS tem níveis demais para ser lida.",
    ),
    Form("The answer of TWS is empty.", "A resposta do TWS está vazia."),
    Form(
        "The answer of TWS breaks off after {size:number} bytes: its JSON is cut.",
        "A resposta do TWS se interrompe após {size} bytes: o JSON está cortado.",
    ),
    Form(
        "The answer of TWS is not JSON; it begins with {start}.",
        "A resposta do TWS não é JSON; começa com {start}.",
    ),
    Form(
        "The list of TWS does not end after {count:number} objects.",
        "A lista do TWS não termina após {count} objetos.",
    ),
    # Certificates.
    Form(
        "{base} does not seem to speak TLS on this port.",
        "{base} não parece usar TLS nesta porta.",
    ),
    Form(
        "No secure connection to {base} could be made: {why}.",
        "Não foi possível uma conexão segura com {base}: {why}.",
    ),
    Form("The certificate of {base} has expired.", "O certificado de {base} expirou."),
    Form(
        "The certificate of {base} is for another name.",
        "O certificado de {base} é de outro nome.",
    ),
    Form(
        "The certificate of {base} is self-signed, so it proves nothing yet.",
        "O certificado de {base} é autoassinado, portanto ainda não prova nada.",
    ),
    Form(
        "The certificate of {base} comes from an authority not known here.",
        "O certificado de {base} vem de uma autoridade desconhecida aqui.",
    ),
    Form(
        "The certificate of {base} is not valid: {why}.",
        "O certificado de {base} não é válido: {why}.",
    ),
    Form(
        "TWS_CA_BUNDLE names {path}, which cannot be read: {why}.",
        "TWS_CA_BUNDLE indica {path}, que não pode ser lido: {why}.",
    ),
    # Names and settings.
    Form(
        "TWS_URL is not set, so there is no plan to read.",
        "TWS_URL não está definida, então não há plano para ler.",
    ),
    Form(
        "TWS_API_KEY has characters that no API key has.",
        "TWS_API_KEY tem caracteres que nenhuma chave de API tem.",
    ),
    Form(
        "TWS_URL is {url}, which is no address of a web server.",
        "TWS_URL é {url}, que não é o endereço de um servidor web.",
    ),
    Form("The name is empty.", "O nome está vazio."),
    Form("The pattern is empty.", "O padrão está vazio."),
    Form(
        "The {what:word} has {count:number} characters; no TWS name is that long.",
        "O texto tem {count} caracteres ({what}); nenhum nome do TWS é tão longo.",
    ),
    Form(
        "The {what:word} contains {char}, which no TWS name has.",
        "O texto ({what}) contém {char}, que nenhum nome do TWS tem.",
    ),
    Form(
        "{value} is no {what} that TWS gives.",
        "{value} não é um id que o TWS dê ({what}).",
    ),
    Form("The filter is too long for TWS.", "O filtro é longo demais para o TWS."),
)

REMEDIES: Final = (
    Form(_EXAMPLE, _EXEMPLO),
    Form(
        "It may be starting: try again in a minute. If not, start Liberty there.",
        "Talvez esteja iniciando: tente de novo em um minuto. Se não, inicie o Liberty "
        "nele.",
    ),
    Form(
        "TWS_URL may name the console, or a proxy that wants to be signed in to. "
        f"{_EXAMPLE}",
        f"TWS_URL talvez indique o console, ou um proxy que exige login. {_EXEMPLO}",
    ),
    Form(
        f"Give the final address. {_EXAMPLE}", f"Informe o endereço final. {_EXEMPLO}"
    ),
    Form(
        "It is wrong, revoked or expired: make a new one in the console (Manage API "
        "Keys) and set TWS_API_KEY.",
        "Está errada, revogada ou expirada: crie outra no console (Manage API Keys) e "
        "defina TWS_API_KEY.",
    ),
    Form(
        "Check TWS_USER and TWS_PASSWORD; the account may be locked.",
        "Verifique TWS_USER e TWS_PASSWORD; a conta pode estar bloqueada.",
    ),
    Form(
        "Set TWS_USER and TWS_PASSWORD, or TWS_API_KEY.",
        "Defina TWS_USER e TWS_PASSWORD, ou TWS_API_KEY.",
    ),
    Form(
        "Ask the administrator of TWS for display access, in a security role.",
        "Peça ao administrador do TWS acesso de exibição (display), em um papel de "
        "segurança.",
    ),
    Form(
        "It may have left the plan: find it again by its name.",
        "Talvez tenha saído do plano: procure de novo pelo nome.",
    ),
    Form(
        f"{_EXAMPLE} Version 2 of the API needs release 10.1 FP1 or newer.",
        f"{_EXEMPLO} A versão 2 da API exige a versão 10.1 FP1 ou mais nova.",
    ),
    Form(
        "Logs are kept for a few days; a job that never started has none.",
        "Os logs são guardados por poucos dias; um job que nunca iniciou não tem log.",
    ),
    Form(
        "Check the names in it; older releases know fewer fields.",
        "Verifique os nomes nele; versões mais antigas conhecem menos campos.",
    ),
    Form(
        f"Look into the log of the server. {_EXAMPLE}",
        f"Veja o log do servidor. {_EXEMPLO}",
    ),
    Form(
        "Try again; if it stays so, read messages.log of Liberty there.",
        "Tente de novo; se persistir, leia o messages.log do Liberty nele.",
    ),
    Form(
        "Check the address in TWS_URL and the firewalls on the way.",
        "Verifique o endereço em TWS_URL e os firewalls no caminho.",
    ),
    Form(
        "Try again; if it stays so, look at the load of the master's application server "
        "(Liberty), or raise TWS_TIMEOUT.",
        "Tente de novo; se persistir, veja a carga do servidor de aplicação (Liberty) do "
        "master, ou aumente TWS_TIMEOUT.",
    ),
    Form(
        "Check TWS_URL, and the name service of this machine.",
        "Verifique TWS_URL e o serviço de nomes desta máquina.",
    ),
    Form(
        "Check the port in TWS_URL (usually 31116), and that the application server "
        "(Liberty) runs there.",
        "Verifique a porta em TWS_URL (normalmente 31116), e se o servidor de aplicação "
        "(Liberty) está em execução nela.",
    ),
    Form(
        "Check TWS_URL, and the network between here and there.",
        "Verifique TWS_URL e a rede entre aqui e o servidor.",
    ),
    Form(
        "Try again; if it stays so, look for a proxy on the way. A port that speaks TLS "
        "needs https:// in TWS_URL.",
        "Tente de novo; se persistir, procure um proxy no caminho. Uma porta que usa TLS "
        "exige https:// em TWS_URL.",
    ),
    Form(
        "Have the proxy on the way leave it alone.",
        "Faça com que o proxy no caminho não mexa nela.",
    ),
    Form("Ask for fewer objects at once.", "Peça menos objetos de uma vez."),
    Form("Ask for a part of the plan.", "Peça uma parte do plano."),
    Form("Ask for fewer names at once.", "Peça menos nomes de uma vez."),
    Form(
        "Check that TWS_URL names a supported release, and report this answer.",
        "Verifique se TWS_URL indica uma versão suportada, e relate esta resposta.",
    ),
    Form(
        "Try again; if it stays so, look for a proxy or load balancer on the way that "
        "changes or cuts answers.",
        "Tente de novo; se persistir, procure no caminho um proxy ou balanceador de "
        "carga que altere ou corte respostas.",
    ),
    Form(
        "Check the port in TWS_URL (usually 31116), and http or https.",
        "Verifique a porta em TWS_URL (normalmente 31116), e se é http ou https.",
    ),
    Form(
        "Check the certificate of the server: old ones are refused (SHA-1).",
        "Verifique o certificado do servidor: os antigos são recusados (SHA-1).",
    ),
    Form("Have it renewed on the server.", "Peça que seja renovado no servidor."),
    Form(
        "Use the name in the certificate in TWS_URL.",
        "Use em TWS_URL o nome que está no certificado.",
    ),
    Form(
        "Put the certificate of its authority into a PEM file and name that in "
        "TWS_CA_BUNDLE; TWS_VERIFY_TLS=false goes without, in development only.",
        "Coloque o certificado da autoridade em um arquivo PEM e indique-o em "
        "TWS_CA_BUNDLE; TWS_VERIFY_TLS=false dispensa isso, só em desenvolvimento.",
    ),
    Form(
        "Give the path of a PEM file with the authority's certificate.",
        "Informe o caminho de um arquivo PEM com o certificado da autoridade.",
    ),
    Form(
        f"{_EXAMPLE} Or use the simulator: `make run` starts it by itself, `manage.py "
        "tws_simulator` alone.",
        f"{_EXEMPLO} Ou use o simulador: `make run` o inicia junto, `manage.py "
        "tws_simulator` só ele.",
    ),
    Form("Copy it again from the console.", "Copie-a de novo do console."),
    Form("Give the name as conman shows it.", "Informe o nome como o conman o mostra."),
    Form("Give at most {most:number}.", "Informe no máximo {most}."),
    Form("Type the name again, without it.", "Digite o nome de novo, sem isso."),
    Form("Find the object by its name first.", "Procure antes o objeto pelo nome."),
)

# The circuit breaker goes on with what it was told last.
TRIED: Final = (
    Form(
        "{cause:form} It was tried {times:number} times; the next try is in "
        "{seconds:number} s, at {at:word} UTC.",
        "{cause} Foram {times} tentativas; a próxima é em {seconds} s, às {at} UTC.",
        SENTENCES,
    ),
    Form(
        "{cause:form} It was tried {times:number} times; one more try is under way.",
        "{cause} Foram {times} tentativas; mais uma está em curso.",
        SENTENCES,
    ),
)
