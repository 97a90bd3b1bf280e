{# The part of an e-mail address after the @, in small letters. #}
{% macro mail_domain(address) -%}
    nullif(lower(trim({{ dbt.split_part(address, "'@'", 2) }})), '')
{%- endmacro %}


{# True for domains at which anyone may have a mailbox: the address says nothing about the company. #}
{% macro is_free_mail(domain) -%}
    {{ domain }} in (
        '163.com',
        'aol.com',
        'free.fr',
        'gmail.com',
        'gmx.com',
        'gmx.de',
        'gmx.net',
        'googlemail.com',
        'hotmail.com',
        'hotmail.co.uk',
        'hotmail.fr',
        'icloud.com',
        'live.com',
        'mail.com',
        'mail.ru',
        'me.com',
        'msn.com',
        'orange.fr',
        'outlook.com',
        'proton.me',
        'protonmail.com',
        'qq.com',
        't-online.de',
        'web.de',
        'yahoo.co.in',
        'yahoo.co.uk',
        'yahoo.com',
        'yahoo.fr',
        'yandex.ru',
        'ymail.com'
    )
{%- endmacro %}
