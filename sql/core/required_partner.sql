-- One row per programme and category of partner with which it must have a formal agreement.
-- key: programme, partner_category
--
-- Document 002 for Coordinated Service Planning, document 004 for SmartStart Hubs (partners that
-- connect families to the hub, or to which it connects them). Local access mechanisms are required
-- where there is one, and left to the workspace. A workspace's own list replaces this file.
select
    programme,
    partner_category
from (values
    ('csp', 'treatment_centre'),
    ('csp', 'service_coordination'),
    ('csp', 'autism'),
    ('csp', 'health'),
    ('csp', 'school_board'),
    ('csp', 'mental_health'),
    ('hub', 'public_health'),
    ('hub', 'infant_development'),
    ('hub', 'infant_hearing'),
    ('hub', 'low_vision'),
    ('hub', 'preschool_speech'),
    ('hub', 'coordinating_agency'),
    ('hub', 'autism_intake'),
    ('hub', 'fasd_clinic'),
    ('hub', 'autism_diagnosis'),
    ('hub', 'mental_health')
) as required (programme, partner_category)
